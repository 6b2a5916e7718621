//! `bluecrab bench` from end to end, with functions whose comparison has a known result.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod rounds;

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use tempfile::TempDir;

/// Runs the command in a folder.
fn bluecrab(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bluecrab"));
    command.arg("bench").args(arguments).current_dir(folder).env("BENCH_WORKERS", folder.join("workers"));
    command.output().unwrap()
}

/// Writes a scenario that compares a function with `one`.
fn scenario(function: &str, rounds: usize, more: &str) -> TempDir {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps/bench");
    let text = format!(
        r#"
rounds = {rounds}
seconds = 0.25
warm_up = 0.05
cold_starts = 0
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

/// Allows one measurement at a time, so that measurements do not disturb each other.
static MEASURING: Mutex<()> = Mutex::new(());

/// Runs a scenario that must succeed. Returns the printed text and the JSON.
fn measure(folder: &TempDir) -> (String, Value) {
    let _one = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
    measure_now(folder)
}

/// Does the same for a caller that holds the lock.
fn measure_now(folder: &TempDir) -> (String, Value) {
    let output = bluecrab(folder.path(), &["scenario.toml", "--json", "results.json"]);
    let (printed, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}\n{errors}");
    let json = fs::read(folder.path().join("results.json")).unwrap();
    (printed.into_owned(), serde_json::from_slice(&json).unwrap())
}

/// Returns whether other programs used so much of the machine that a verdict may differ.
fn is_disturbed(printed: &str) -> bool {
    printed.contains("Other programs took more than")
}

/// Returns the latencies of a measurement in milliseconds in ascending order, each repeated by its count.
fn latencies(measurement: &Value) -> Vec<f64> {
    let rounds = measurement["rounds"].as_array().unwrap().iter();
    let pairs = rounds.flat_map(|round| round["latencies"].as_array().unwrap());
    let mut all: Vec<f64> =
        pairs.flat_map(|pair| vec![pair[0].as_f64().unwrap() / 1e6; pair[1].as_u64().unwrap() as usize]).collect();
    all.sort_by(f64::total_cmp);
    all
}

#[test]
fn a_payload_and_a_base_bring_settings_and_fields() {
    let payload = "[[payloads]]\ngenerate = \"numbers 3 seed 1\"\nsettings = { BENCH_SET = \"yes\" }";
    let folder = scenario("set", 1, payload);
    let base = folder.path().join("base.toml");
    fs::rename(folder.path().join("scenario.toml"), base).unwrap();
    fs::write(folder.path().join("scenario.toml"), "base = \"base.toml\"\ntitle = \"From a base\"\n").unwrap();
    let (printed, json) = measure(&folder);
    assert!(printed.starts_with("From a base\n"), "{printed}");
    assert_eq!(json["measurements"].as_array().unwrap().len(), 2);
}

#[test]
fn identical_functions_are_not_distinguishable() {
    let (printed, json) = measure(&scenario("same", 10, ""));
    assert!(printed.contains("not distinguishable") || is_disturbed(&printed), "{printed}");
    assert_eq!(json["measurements"].as_array().unwrap().len(), 2);
    assert_eq!(json["measurements"][0]["function"], "one");
    let round = &json["measurements"][0]["rounds"][9];
    if cfg!(target_os = "linux") {
        assert!(round["cpu_seconds"].as_f64().is_some() && round["memory_peak"].as_u64().unwrap() > 1 << 24, "{round}");
        assert!(round["memory_mean"].as_f64().unwrap() <= round["memory_peak"].as_f64().unwrap(), "{round}");
    }
}

#[test]
fn a_slow_start_affects_only_cold_starts() {
    let folder = scenario("late", 1, "");
    let file = folder.path().join("scenario.toml");
    let apps = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps");
    let text = fs::read_to_string(&file).unwrap().replacen("cold_starts = 0", "cold_starts = 3", 1);
    let text = text.replacen("name = \"late\"", "name = \"late\"\napp = \"late\"", 1);
    let text = text.replacen("name = \"one\"", "name = \"one\"\napp = \"bench\"", 1);
    let late = format!("apps = {{ late = '{}', bench", apps.join("late").display());
    fs::write(&file, text.replacen("apps = { bench", &late, 1)).unwrap();
    let (printed, json) = measure(&folder);
    let seconds = |function: usize| -> Vec<f64> {
        let starts = json["functions"][function]["cold_starts"].as_array().unwrap();
        starts.iter().map(|seconds| seconds.as_f64().unwrap()).collect()
    };
    let (one, late) = (seconds(0), seconds(1));
    assert!(one.len() == 3 && late.len() == 3, "{one:?} {late:?}");
    assert!(one.iter().all(|seconds| (0.05..30.0).contains(seconds)), "{one:?}");
    // The app takes 1.2 s to load.
    assert!(late.iter().all(|seconds| *seconds >= 1.2), "{late:?}");
    // The cold start does not affect the rounds.
    assert!(latencies(&json["measurements"][1])[0] < 1200.0, "{printed}");
}

#[test]
fn measures_the_stages_of_a_function_that_reports_them() {
    let (printed, json) = measure(&scenario("staged", 1, "[[loads]]\nclosed = 2\n[[loads]]\nclosed = 1"));
    let cells = json["measurements"].as_array().unwrap();
    let stages = |cell: &Value| -> Vec<(String, f64, u64)> {
        let stages = cell["stages"].as_array().unwrap().iter();
        let calls = |stage: &Value| {
            stage["durations"].as_array().unwrap().iter().map(|pair| pair[1].as_u64().unwrap()).sum::<u64>()
        };
        let least = |stage: &Value| stage["durations"][0][0].as_f64().unwrap() / 1e6;
        stages.map(|stage| (stage["name"].as_str().unwrap().to_owned(), least(stage), calls(stage))).collect()
    };
    // The first two measurements have two callers, the last two have one. In each pair, the baseline comes first; it
    // reports no stages.
    let found: Vec<_> = cells.iter().map(stages).collect();
    assert!(found.len() == 4 && found[..3].iter().all(Vec::is_empty), "{found:?}\n{printed}");
    let [(parse, two, calls), (print, one, as_many)] = &found[3][..] else { panic!("{found:?}") };
    assert_eq!((parse.as_str(), print.as_str()), ("parse", "print"));
    assert!((two - 2.0).abs() < 0.01 && (one - 1.0).abs() < 0.01, "{found:?}");
    assert!(*calls >= 1 && calls == as_many, "{found:?}");
}

#[test]
fn reports_a_slower_function() {
    let (printed, json) = measure(&scenario("slow", 8, "[probe]\npath = \"/api/same\""));
    assert!(printed.contains("x slower (") || is_disturbed(&printed), "{printed}");
    assert!(latencies(&json["measurements"][1])[0] >= 39.9, "{printed}");
    // The load delays the probe: without load, the probe never waits for the event loop.
    let beside = json["measurements"][1]["rounds"].as_array().unwrap().iter();
    let beside: Vec<Value> = beside.map(|round| json!({ "latencies": round["probe"] })).collect();
    let (beside, alone) =
        (latencies(&json!({ "rounds": beside })), latencies(&json!({ "rounds": json["functions"][1]["probe_alone"] })));
    assert!(beside.len() >= 16 && alone.len() >= 16, "{beside:?} {alone:?}");
    let is_later = alone[alone.len() / 2] < beside[beside.len() / 2];
    assert!(is_later || is_disturbed(&printed), "{alone:?} {beside:?}");
    assert!(
        printed.contains("\nThe p99 of the probe, a function that does nothing in the same worker, in milliseconds\n"),
        "{printed}"
    );
}

#[test]
fn a_stall_each_hundredth_call_shows_at_p99() {
    let folder = scenario("stalls", 8, "[[loads]]\nopen = 200");
    let file = folder.path().join("scenario.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap().replacen("seconds = 0.25", "seconds = 0.6", 1)).unwrap();
    let (printed, json) = measure(&folder);
    let p99_of_rounds = |cell: &Value| -> Vec<f64> {
        let rounds = cell["rounds"].as_array().unwrap().iter();
        rounds.map(|round| latencies(&json!({ "rounds": [round] }))[120 * 99 / 100]).collect()
    };
    // Calls come every 5 ms. So a stall of 20 ms delays four calls, the last of them by 5 ms.
    let stalls = p99_of_rounds(&json["measurements"][1]);
    assert!(stalls.iter().all(|p99| *p99 >= 9.0), "{stalls:?}\n{printed}");
}

#[test]
fn a_report_needs_nothing_else_and_a_result_that_got_worse_exits_with_1() {
    let run = |function: &str| {
        let sweep = "[[payloads]]\ngenerate = \"matrix {size}x{size} seed 1\"\nsizes = [1, 2]";
        let folder = scenario(function, 8, sweep);
        let file = folder.path().join("scenario.toml");
        // Both functions have the same name, so that they can be compared.
        let named = format!("name = \"{function}\"");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replacen(&named, &format!("name = \"f\"\npath = \"/api/{function}\""), 1)).unwrap();
        measure(&folder);
        folder
    };
    let (before, after) = (run("same"), run("slow"));
    let results = |folder: &TempDir| folder.path().join("results.json").display().to_string();
    let html = before.path().join("report.html");
    let output = bluecrab(before.path(), &["--results", &results(&before), "--html", "report.html"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = fs::read_to_string(html).unwrap();
    assert!(page.matches("<polyline").count() >= 4 && page.contains("Latency against size"), "{page}");
    assert!(!page.contains("http") && !page.contains("NaN") && !page.contains("inf,"), "{page}");
    let compare = |one: &TempDir, two: &TempDir| bluecrab(one.path(), &["--compare", &results(one), &results(two)]);
    let worse = compare(&before, &after);
    let text = String::from_utf8_lossy(&worse.stdout);
    assert!(worse.status.code() == Some(1) && text.contains("too much"), "{text}");
    assert_eq!(compare(&before, &before).status.code(), Some(0));
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
fn a_command_decides_which_answers_are_equal() {
    let rule = "[answers]\ncompare = \"command\"\ncommand = [\"node\", \"same.mjs\"]";
    let folder = scenario("other", 1, rule);
    let command = |condition: &str| {
        let read = "import { readFileSync } from 'node:fs';\n\
            const [one, two] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')).result[0]);\n";
        let refuse = "{ console.log(`${two} instead of ${one}`); process.exit(1); }";
        fs::write(folder.path().join("same.mjs"), format!("{read}if ({condition}) {refuse}")).unwrap();
    };
    command("one[0] !== two[0]");
    measure(&folder);
    command("one[1] !== two[1]");
    let output = bluecrab(folder.path(), &["scenario.toml"]);
    let error = String::from_utf8_lossy(&output.stderr);
    let says = "other and one answer differently to no body: `node same.mjs` ended with exit status: 1, and printed: \
        1,3 instead of 1,2";
    assert!(output.status.code() == Some(1) && error.contains(says), "{error}");
}

#[test]
fn a_failing_call_ends_the_run_with_the_output_of_the_host() {
    let output = bluecrab(scenario("fails", 8, "").path(), &["scenario.toml"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("fails with no body fails") && error.contains("failed on purpose"), "{error}");
}

#[test]
fn refuses_an_invalid_scenario_with_its_line() {
    let folder = scenario("same", 8, "[[loads]]\nclosed = 0");
    let output = bluecrab(folder.path(), &["scenario.toml"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.starts_with("error: scenario.toml:12: a load is either"), "{error}");
}
