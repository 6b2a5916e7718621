//! Which rounds count, and whose workers they have.

use crate::{MEASURING, bluecrab, measure, measure_now, scenario};
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::process::{Child, Command};
use std::sync::PoisonError;

/// Programs that compute until they are dropped, one for each processor.
struct Busy(Vec<Child>);

impl Busy {
    fn start() -> Self {
        let processors = std::thread::available_parallelism().unwrap().get();
        let start = || Command::new("node").args(["-e", "for (;;);"]).spawn().unwrap();
        Self((0..processors).map(|_| start()).collect())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        for child in &mut self.0 {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// The numbers of the rounds of a cell: of those that count, and of those that are left out.
fn numbers(cell: &Value) -> [Vec<u64>; 2] {
    ["rounds", "left_out"]
        .map(|rounds| cell[rounds].as_array().unwrap().iter().map(|round| round["number"].as_u64().unwrap()).collect())
}

#[cfg(target_os = "linux")]
#[test]
fn rounds_that_other_programs_disturb_are_measured_again_marked_and_said() {
    let folder = scenario("same", 3, "[neighbour]\npath = \"/api/same\"\n[[loads]]\nclosed = 1\n[[loads]]\nclosed = 2");
    let one = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
    let busy = Busy::start();
    let (printed, json) = measure_now(&folder);
    drop((busy, one));
    let cells = json["cells"].as_array().unwrap();
    let alone = json["functions"].as_array().unwrap().iter().map(|function| &function["neighbour_alone"]);
    for pair in cells.chunks(2).map(|pair| pair.iter().collect()).chain([alone.collect::<Vec<_>>()]) {
        let [[kept, left_out], other] = [pair[0], pair[1]].map(numbers);
        // Three were asked for, so that five were measured, the last two in vain.
        assert_eq!((kept.len(), left_out.len()), (3, 2), "{json}");
        let mut all = [&kept[..], &left_out[..]].concat();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4]);
        assert_eq!([kept, left_out], other, "the functions must lack the same rounds");
        for round in pair.iter().flat_map(|cell| ["rounds", "left_out"].map(|rounds| cell[rounds].as_array().unwrap()))
        {
            assert!(round.iter().all(|round| round["disturbed"] == true), "{json}");
            assert!(round.iter().all(|round| (0.0..=1.0).contains(&round["others_share"].as_f64().unwrap())), "{json}");
        }
    }
    let said = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = "% of the machine in 9 of 9 rounds, and in 6 more that are left out, those of each payload and load counted \
                 apart: the figures may be off.";
    assert!(said.contains(words) && said.contains("Other programs took"), "{printed}");
    let output = bluecrab(folder.path(), &["--from", "results.json", "--html", "report.html"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read_to_string(folder.path().join("report.html")).unwrap().contains(words));
}

#[test]
fn fresh_workers_serve_one_round_each() {
    let workers = |more: &str| {
        let folder = scenario("same", 3, "");
        let file = folder.path().join("scenario.toml");
        let text = fs::read_to_string(&file).unwrap().replace("0.25", "0.1");
        fs::write(&file, format!("{more}{text}")).unwrap();
        let (_, json) = measure(&folder);
        let [kept, left_out] = numbers(&json["cells"][0]);
        let started = fs::read_to_string(folder.path().join("workers")).unwrap();
        let started: HashSet<String> = started.lines().map(str::to_owned).collect();
        (started.len(), kept.len() + left_out.len(), json)
    };
    // Two functions, and as many servers for the stages.
    let (started, _, json) = workers("");
    assert!(started == 4 && json["fresh_workers"] == false, "{started}");
    let (started, rounds, json) = workers("workers = \"fresh\"");
    assert!(rounds >= 3 && started == 2 * rounds + 2 && json["fresh_workers"] == true, "{started} in {rounds} rounds");
}
