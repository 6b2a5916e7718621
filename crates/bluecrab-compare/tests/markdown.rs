//! The page of the benchmarks: from results whose figures are round to the page that a person has checked.

use bluecrab_compare::Results;
use bluecrab_compare::markdown::{Bench, Measured, Reasons, is_as_written, page, unexplained};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/markdown")
}

fn measured(name: &str, ours: &[&str]) -> Measured {
    let file = folder().join(name.trim_start_matches("jobs/")).with_extension("json");
    let results = Results::read(&file).expect("a result of the tests");
    Measured { name: name.to_owned(), results, ours: ours.iter().map(|name| (*name).to_owned()).collect() }
}

fn bench() -> Bench {
    Bench {
        flagship: Some(measured("matrix", &["rust"])),
        peers: Some(measured("peers", &["rust"])),
        jobs: vec![measured("jobs/sort", &[]), measured("jobs/zip", &[])],
        reasons: Reasons::read(&folder().join("reasons.toml")).expect("reasons of the tests"),
        ..Bench::default()
    }
}

#[test]
fn the_page_is_the_one_that_was_checked() {
    let written = page(&bench());
    let file = folder().join("page.md");
    if std::env::var_os("UPDATE_PAGE").is_some() {
        std::fs::write(&file, &written).unwrap();
    }
    let checked = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, checked, "look at the difference; UPDATE_PAGE=1 takes the page as it is now");
}

#[test]
fn what_is_not_faster_for_no_known_reason_is_named() {
    let expected = [
        "matrix, rust, 2x2: not distinguishable from js",
        "jobs/zip, zip: zip-rust, small: not distinguishable from zip-js",
        "jobs/zip, zip: zip-rust, large: 1.50x slower than zip-js",
    ];
    assert_eq!(unexplained(&bench()), expected);
}

#[test]
fn a_page_without_jobs_has_no_section_for_them() {
    let written = page(&Bench { jobs: Vec::new(), ..bench() });
    assert!(!written.contains("jobs") && written.contains("## Beside its peers"), "{written}");
    assert!(!page(&Bench::default()).contains("## The"));
}

#[test]
fn the_repositorys_page_was_written_by_the_command_and_by_nobody_else() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(is_as_written(&text), "{} was changed by hand: run `cargo xtask bench --from FOLDER`", file.display());
}
