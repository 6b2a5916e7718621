//! The sizes of modules, their budgets, and the names of their functions.

use crate::command::command;
use crate::dev_server::Dev;
use crate::files::{manifest, write, write_app};
use crate::refusal::reason;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const SOURCE: &str = "
#[bluecrab::http(methods = [\"POST\"])]
fn total(numbers: bluecrab::Json<Vec<u8>>) -> String {
    last(&numbers.0).to_string()
}

#[inline(never)]
fn last(numbers: &[u8]) -> u8 {
    *numbers.last().expect(\"at least one number\")
}
";
const REGISTER: &str = "require('bluecrab').registerModule('prices.wasm');";

fn app() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_app(folder.path(), r#"{ "main": "index.js" }"#);
    write(folder.path(), "index.js", REGISTER);
    let rest = concat!(
        "[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nbluecrab = { path = \"",
        env!("CARGO_MANIFEST_DIR"),
        "/../bluecrab\" }\n"
    );
    write(folder.path(), "Cargo.toml", &manifest("prices", rest));
    write(folder.path(), "src/lib.rs", SOURCE);
    folder
}

/// Returns the command with the library of the checkout.
fn bluecrab(app: &Path) -> Command {
    let mut bluecrab = command(app);
    bluecrab.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    bluecrab
}

fn run(app: &Path, arguments: &[&str]) -> Output {
    bluecrab(app).args(arguments).output().unwrap()
}

#[test]
fn a_build_past_its_budget_fails_and_prints_the_parts() {
    let app = app();
    let parts = |output: &Output| {
        let said = String::from_utf8(output.stdout.clone()).unwrap();
        for part in
            ["    prices ", "    bluecrab_json ", "    the standard library ", "    data ", "    everything else "]
        {
            assert!(said.contains(part), "there is no `{part}` in\n{said}");
        }
    };
    let sizes = run(app.path(), &["build", "--sizes", "--max-size", "10MB"]);
    assert!(sizes.status.success(), "{}", String::from_utf8_lossy(&sizes.stderr));
    parts(&sizes);
    let bytes = fs::metadata(app.path().join("prices.wasm")).unwrap().len();
    let large = run(app.path(), &["build", "--max-size", "2kB"]);
    parts(&large);
    let expected = format!("prices.wasm has {bytes} bytes, {} more than its budget of 2000", bytes - 2000);
    assert!(reason(large, &["build"]).contains(&expected));

    let slow = run(app.path(), &["build", "--max-cold-start", "1ms"]);
    assert!(reason(slow, &["build"]).contains(" ms, more than their budget of 1 ms: "));
    assert!(run(app.path(), &["build", "--max-cold-start", "10m"]).status.success());

    // The options win over the app's own budget.
    write(app.path(), "package.json", r#"{ "bluecrab": { "maxSize": "2kB", "maxColdStart": "10m" } }"#);
    assert!(reason(run(app.path(), &["package"]), &["package"]).contains(&expected));
    assert!(run(app.path(), &["build", "--max-size", "10MB"]).status.success());
    write(app.path(), "package.json", r#"{ "bluecrab": { "maxSize": "2 kilobytes" } }"#);
    assert!(reason(run(app.path(), &["build"]), &["build"]).contains("`2 kilobytes` is not a size: "));
}

#[test]
fn dev_logs_which_functions_ran_and_a_build_has_no_names() {
    let app = app();
    let dev = Dev::start(bluecrab(app.path()), &[]);
    assert_eq!(dev.post("/api/total", "[1, 2]"), (200, "2".to_owned()));
    let has_names = || {
        let module = fs::read(app.path().join("prices.wasm")).unwrap();
        module.windows(12).any(|bytes| bytes == b"prices::last")
    };
    assert!(has_names());
    assert_eq!(dev.post("/api/total", "[]").0, 500);
    dev.wait_for("    prices::last");
    drop(dev);
    assert!(run(app.path(), &["build", "--names"]).status.success() && has_names());
    assert!(run(app.path(), &["build"]).status.success() && !has_names());
}
