//! `bluecrab bench` from end to end, with functions whose comparison has a known outcome.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use tempfile::TempDir;

/// Runs the command in a folder.
fn bluecrab(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bluecrab")).arg("bench").args(arguments).current_dir(folder).output().unwrap()
}

/// Writes a scenario that compares a function with `one`.
fn scenario(function: &str, rounds: usize, more: &str) -> TempDir {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps/bench");
    let text = format!(
        r#"
rounds = {rounds}
seconds = 0.25
warm_up = 0.25
apps = {{ bench = '{}' }}
[[functions]]
name = "{function}"
[[functions]]
name = "one"
baseline = true
{more}
"#,
        app.display()
    );
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("scenario.toml"), text).unwrap();
    folder
}

/// One measurement at a time, so that none is another's load.
static MEASURING: Mutex<()> = Mutex::new(());

/// Runs a scenario that succeeds; gives what it printed and its JSON.
fn measure(folder: &TempDir) -> (String, Value) {
    let _one = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
    let output = bluecrab(folder.path(), &["scenario.toml", "--json", "results.json"]);
    let (printed, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}\n{errors}");
    let json = fs::read(folder.path().join("results.json")).unwrap();
    (printed.into_owned(), serde_json::from_slice(&json).unwrap())
}

/// The latencies of a cell in milliseconds, each as often as it was counted, ascending.
fn latencies(cell: &Value) -> Vec<f64> {
    let rounds = cell["rounds"].as_array().unwrap().iter();
    let pairs = rounds.flat_map(|round| round["latencies"].as_array().unwrap());
    let mut all: Vec<f64> =
        pairs.flat_map(|pair| vec![pair[0].as_f64().unwrap() / 1e6; pair[1].as_u64().unwrap() as usize]).collect();
    all.sort_by(f64::total_cmp);
    all
}

#[test]
fn identical_functions_are_not_distinguishable() {
    let (printed, json) = measure(&scenario("same", 10, ""));
    assert!(printed.contains("not distinguishable"), "{printed}");
    assert_eq!(json["cells"].as_array().unwrap().len(), 2);
    assert_eq!(json["cells"][0]["function"], "one");
    let round = &json["cells"][0]["rounds"][9];
    if cfg!(target_os = "linux") {
        assert!(round["cpu_seconds"].as_f64().is_some() && round["memory_peak"].as_u64().unwrap() > 1 << 24, "{round}");
    }
}

#[test]
fn a_slower_function_is_called_so() {
    let (printed, json) = measure(&scenario("slow", 8, "[neighbour]\npath = \"/api/same\""));
    assert!(printed.contains("x slower ("), "{printed}");
    assert!(latencies(&json["cells"][1])[0] >= 7.9, "{printed}");
    assert!(!json["cells"][1]["rounds"][0]["neighbour"].as_array().unwrap().is_empty());
}

#[test]
fn a_stall_each_hundredth_call_shows_at_p99() {
    let (printed, json) = measure(&scenario("stalls", 8, "[[loads]]\nopen = 200"));
    let (steady, stalls) = (latencies(&json["cells"][0]), latencies(&json["cells"][1]));
    assert_eq!(stalls.len(), 8 * 50);
    assert!(stalls[stalls.len() * 99 / 100 - 1] >= 15.0, "{printed}");
    let slow = |latencies: &[f64]| latencies.iter().filter(|latency| **latency >= 15.0).count();
    assert!(slow(&stalls) > slow(&steady), "{} and {}\n{printed}", slow(&stalls), slow(&steady));
}

#[test]
fn answers_that_differ_fail_the_run_and_show_the_first_difference() {
    let output = bluecrab(scenario("other", 8, "").path(), &["scenario.toml"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    let says = r#"other and one answer differently to no body: byte 14 differs: `{"result":[[1,3]]}` instead of"#;
    assert!(error.contains(says), "{error}");
    let rule = "[answers]\ncompare = \"numbers\"\ntolerance = 1e-12";
    let output = bluecrab(scenario("other", 8, rule).path(), &["scenario.toml"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("the number at $.result[0][1] differs: 3 instead of 2"), "{error}");
}

#[test]
fn a_call_that_fails_ends_the_run_with_what_the_host_said() {
    let output = bluecrab(scenario("fails", 8, "").path(), &["scenario.toml"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("fails with no body fails") && error.contains("failed on purpose"), "{error}");
}

#[test]
fn a_wrong_scenario_is_refused_with_its_line() {
    let folder = scenario("same", 8, "[[loads]]\nclosed = 0");
    let output = bluecrab(folder.path(), &["scenario.toml"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.starts_with("error: scenario.toml:11: a load is either"), "{error}");
}
