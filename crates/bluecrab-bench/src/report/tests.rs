//! One result in all three renderings, compared with files that a person has checked.

use super::{Report, html, markdown, terminal};
use crate::analysis::prices::Prices;
use crate::results::fixture::{latencies, measurement, results};
use crate::results::{Measurement, Results, Stage};
use crate::scenario::Load;
use std::path::Path;

fn measured(function: &str, size: u64, load: Load, micros: u64) -> Measurement {
    let mut one = measurement(function, &format!("p{size}"), micros);
    (one.size, one.load) = (Some(size as f64), load);
    for (index, round) in one.rounds.iter_mut().enumerate() {
        (round.cpu_seconds, round.memory_peak, round.memory_after) = (Some(0.5), Some(100 << 20), Some(90 << 20));
        round.latencies = latencies(&[micros + 10 * index as u64; 20]);
        round.probe = Some(latencies(&[700; 20]));
    }
    one.stages = vec![Stage { name: "parse".to_owned(), durations: latencies(&[micros / 2]) }];
    one
}

/// Returns results with every figure that can be measured.
fn full() -> Results {
    let mut all = Vec::new();
    for (size, base) in [(1, 2_000), (10, 200_000)] {
        for load in [Load::Closed(1), Load::Closed(8)] {
            all.extend([measured("base", size, load, base), measured("other", size, load, 1_000)]);
        }
    }
    let mut results = results(all);
    results.functions.iter_mut().for_each(|function| function.cold_starts = vec![0.5; 10]);
    results
}

/// `UPDATE_REPORTS=1` accepts the text as it is now.
fn assert_golden(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report").join(name);
    if std::env::var_os("UPDATE_REPORTS").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let checked = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, checked, "{} differs: if it is right now, run this test with UPDATE_REPORTS=1", file.display());
}

#[test]
fn every_renderer_shows_the_same_result() {
    let (results, prices) = (full(), Prices::default());
    let report = Report::new(&results, &prices);
    assert_golden("report.txt", &(terminal::text(&report, 100) + "\n"));
    let costs = markdown::costs(&report).unwrap();
    assert_golden("report.md", &format!("{}\n{costs}", markdown::section(&report)));
    let page = html::page(&report);
    // The style has a file of its own.
    let (start, end) = (page.find("<style>").unwrap(), page.find("</style>").unwrap());
    assert_golden("report.html", &format!("{}{}\n", &page[..start], page[end..].replace("><", ">\n<")));
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let name = "a-function-with-a-name-that-is-rather-long-and-with-a-path/that-is-long-too";
    let mut all = vec![measurement("base", "payload", 3_000_000), measurement(name, "payload", 20_000)];
    for round in all.iter_mut().flat_map(|one| &mut one.rounds) {
        (round.cpu_seconds, round.memory_peak) = (Some(2.0), Some(1_234_567_890));
        round.probe = Some(latencies(&[123_456; 20]));
    }
    let mut results = results(all);
    results.functions.iter_mut().for_each(|function| function.cold_starts = vec![1.5; 10]);
    for width in [60, 80, 100] {
        let text = terminal::text(&Report::new(&results, &Prices::default()), width);
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > usize::from(width)).collect();
        assert!(wide.is_empty(), "{wide:#?}");
        assert!(width < 100 || text.contains("150x faster"), "{text}");
    }
}

#[test]
fn what_was_not_measured_is_left_out() {
    let results = results(vec![measurement("base", "p", 1_000), measurement("other", "p", 1_000)]);
    let prices = Prices::default();
    let report = Report::new(&results, &prices);
    let page = html::page(&report);
    for heading in ["Latency against size", "Where the time goes", "Processor time", "Memory", "Cold start", "others"] {
        assert!(!page.contains(&format!("{heading}</h2>")), "{heading}");
    }
    let text = terminal::text(&report, 100);
    assert!(!text.contains("peak MB") && !text.contains("Cold"), "{text}");
    assert!(text.contains("other and base are not distinguishable."), "{text}");
    assert!(!page.contains("http") && !page.contains("NaN") && !page.contains("inf,"), "{page}");
}

#[test]
fn text_cannot_break_a_table_or_a_page() {
    let mut results = results(vec![measurement("<base>", "p|<i>", 1_000), measurement("other", "p|<i>", 1_000)]);
    results.functions[0].name = "<base>".to_owned();
    let prices = Prices::default();
    let report = Report::new(&results, &prices);
    let page = html::page(&report);
    assert!(
        page.contains("&lt;base&gt;")
            && !page.contains("<base>")
            && page.contains("&lt;i&gt;")
            && !page.contains("<i>")
    );
    assert!(markdown::section(&report).contains("p\\|<i>"));
}
