//! The sizes of modules, their budgets, the names of their functions, and their debug information.

use crate::archive::unpack;
use crate::command::command;
use crate::dev_server::Dev;
use crate::files::{manifest, write, write_app};
use crate::refusal::reason;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;
use wasmparser::{Parser, Payload};

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
fn functions_are_listed_in_the_order_of_their_names() {
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "main": "index.js" }"#);
    let line = |name: &str| format!(r#"{{"name":"{name}","export":"run","trigger":{{"type":"httpTrigger"}}}}"#);
    let lines = ["total", "Mean", "rows"].map(line).join("\n");
    let module = format!("(module (@custom \"bluecrab.functions.v1\" {lines:?}))");
    fs::write(app.path().join("prices.wasm"), wat::parse_str(module).unwrap()).unwrap();
    let built = run(app.path(), &["build"]);
    let said = String::from_utf8(built.stdout).unwrap();
    let names: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("    ")?.split(' ').next()).collect();
    assert_eq!(names, ["Mean", "rows", "total"], "{said}");
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
    let both = run(app.path(), &["build", "--sizes", "--max-size", "2kB"]);
    assert_eq!(String::from_utf8(both.stdout).unwrap().matches("    everything else ").count(), 1);
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

/// The names of a module's custom sections.
fn custom_sections(module: &[u8]) -> Vec<String> {
    let custom = Parser::new(0).parse_all(module).filter_map(|payload| match payload.unwrap() {
        Payload::CustomSection(section) => Some(section.name().to_owned()),
        _ => None,
    });
    custom.collect()
}

#[test]
fn dev_debug_adds_debug_information_and_a_package_has_none() {
    let app = app();
    let packed = |arguments: &[&str]| {
        let output = run(app.path(), &[&["package", "-o", "prices.zip"], arguments].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        (unpack(&app.path().join("prices.zip")).1, said)
    };
    let (package, _) = packed(&[]);
    assert!(package.contains_key("prices.metered.wasm"), "{:?}", package.keys());

    let dev = Dev::start(bluecrab(app.path()), &["--debug", "--inspect=0"]);
    assert_eq!(dev.post("/api/total", "[1, 2]"), (200, "2".to_owned()));
    assert_eq!(dev.post("/api/total", "[]").0, 500);
    dev.wait_for("    prices::last");
    drop(dev);
    let module = fs::read(app.path().join("prices.wasm")).unwrap();
    let sections = custom_sections(&module);
    for section in [".debug_info", ".debug_line", "name"] {
        assert!(sections.iter().any(|name| name == section), "{section}: {sections:?}");
    }
    let (unbuilt, said) = packed(&["--no-build"]);
    assert!(said.contains("note: prices.wasm has debug information"), "{said}");
    assert_eq!(unbuilt["prices.wasm"], module);
    assert!(!unbuilt.contains_key("prices.metered.wasm"), "it belongs to another build");

    let (package, said) = packed(&[]);
    assert!(!said.contains("debug information"), "{said}");
    for file in ["prices.wasm", "prices.metered.wasm"] {
        let sections = custom_sections(&package[file]);
        assert!(sections.iter().all(|name| name.starts_with("bluecrab.")), "{file}: {sections:?}");
    }
}
