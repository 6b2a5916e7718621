//! `bluecrab doctor` with healthy and sick apps and machines.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod command;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const ORDERS: &str = r#"{"name":"orders","export":"run","trigger":{"type":"queueTrigger","name":"order","queueName":"orders","connection":"AzureWebJobsStorage"}}"#;

/// Makes an app with these files and the module `orders.wasm`, which has these imports.
fn app_of(imports: &str, files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
    write("package.json", br#"{ "main": "index.js" }"#);
    write("index.js", b"");
    write("orders.wasm", &module(imports, ORDERS));
    files.iter().for_each(|(name, text)| write(name, text.as_bytes()));
    folder
}

fn module(imports: &str, manifest: &str) -> Vec<u8> {
    let text = format!(
        r#"(module {imports} (memory (export "memory") 1)
            (func (export "bluecrab_alloc") (param i32) (result i32) i32.const 0)
            (func (export "run") (param i32 i32 i32 i32) (result i32) i32.const 0)
            (@custom "bluecrab.functions.v1" {manifest:?}))"#
    );
    wat::parse_str(text).unwrap()
}

/// Runs the doctor. Returns whether it found no problem, and what it printed.
fn doctor(app: &Path, arguments: &[&str], variables: &[(&str, &Path)]) -> (bool, String) {
    let mut command = command::command(app);
    command.arg("doctor").args(arguments).envs(variables.iter().copied());
    command.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    let output = command.output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[track_caller]
fn assert_has(said: &str, lines: &[&str]) {
    for line in lines {
        assert!(said.lines().any(|found| found.starts_with(line)), "there is no `{line}` in\n{said}");
    }
}

fn program(file: &Path, script: &str) {
    fs::write(file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_healthy_app_has_no_problem() {
    let settings = r#"{ "Values": { "AzureWebJobsStorage": "AccountName=one;AccountKey=a2V5" } }"#;
    let host_json = r#"{ "version": "2.0", "extensionBundle": { "id": "x", "version": "[4.*, 5.0.0)" } }"#;
    let app = app_of("", &[("host.json", host_json), ("local.settings.json", settings)]);
    let (is_well, said) = doctor(app.path(), &["--port", "0"], &[]);
    assert!(is_well, "{said}");
    let lines = [
        "ok       npm ",
        "ok       the npm packages are installed",
        "ok       the port 0 is free",
        "ok       the library loads orders.wasm",
        "ok       host.json names the extension bundle",
        "ok       AzureWebJobsStorage names a storage account",
        "Problems: 0, notes: ",
    ];
    assert_has(&said, &lines);
}

#[test]
fn finds_what_is_wrong_with_an_app_and_mends_it() {
    let unknown = r#"(import "env" "unknown" (func))"#;
    let app = app_of(unknown, &[("host.json", "{\n  \"version\": \"2.0\"\n}\n"), (".gitignore", "node_modules")]);
    assert!(Command::new("git").args(["init", "--quiet"]).current_dir(app.path()).status().unwrap().success());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let arguments = ["--port", &port];
    let (is_well, said) = doctor(app.path(), &arguments, &[]);
    assert!(!is_well, "{said}");
    assert_has(
        &said,
        &["note     there is no local.settings.json", "note     git does not ignore local.settings.json"],
    );
    assert_has(
        &said,
        &["problem  host.json names no extension bundle", &format!("note     the port {port} is in use")],
    );
    assert_has(&said, &["problem  the app setting AzureWebJobsStorage is missing"]);
    let refused = said.lines().find(|line| line.contains("imports env.unknown")).unwrap();
    assert!(refused.starts_with("problem  ") && said.contains("`bluecrab doctor --fix` mends 3"), "{said}");
    assert_has(&said, &["         build the module again, or update the npm package bluecrab"]);

    let (is_well, said) = doctor(app.path(), &[&arguments[..], &["--fix"]].concat(), &[]);
    assert!(!is_well, "the module cannot be mended: {said}");
    let done = [
        "fixed    created local.settings.json",
        "fixed    added local.settings.json to .gitignore",
        "fixed    added the extension bundle to host.json",
    ];
    assert_has(&said, &done);
    assert!(!said.contains("there is no local.settings.json"), "{said}");
    assert_eq!(fs::read_to_string(app.path().join(".gitignore")).unwrap(), "node_modules\nlocal.settings.json\n");
    assert!(fs::read_to_string(app.path().join("host.json")).unwrap().contains("ExtensionBundle"));
    let (_, said) = doctor(app.path(), &arguments, &[]);
    assert_has(&said, &["ok       host.json names the extension bundle"]);
    assert!(!said.contains("local.settings.json, "), "{said}");
}

#[test]
fn names_modules_with_functions_of_the_same_name() {
    let app = app_of("", &[("host.json", r#"{ "version": "2.0" }"#)]);
    let module = fs::read(app.path().join("orders.wasm")).unwrap();
    fs::write(app.path().join("orders.relaxed-simd.wasm"), &module).unwrap();
    let (_, said) = doctor(app.path(), &["--port", "0"], &[]);
    assert!(!said.contains("both have"), "{said}");
    fs::write(app.path().join("more.wasm"), &module).unwrap();
    let (_, said) = doctor(app.path(), &["--port", "0"], &[]);
    assert_has(&said, &["note     more.wasm and orders.wasm both have a function `orders`: ", "         rename one"]);
    let built = command::command(app.path()).arg("build").output().unwrap();
    let said = String::from_utf8(built.stderr).unwrap();
    assert_has(&said, &["note: more.wasm and orders.wasm both have a function `orders`: "]);
}

#[test]
fn names_a_module_whose_memory_is_larger_than_its_limit() {
    let app = app_of("", &[("host.json", r#"{ "version": "2.0" }"#)]);
    let with_limit = |bytes| {
        let manifest = ORDERS.replace(r#","trigger""#, &format!(r#","maxMemoryBytes":{bytes},"trigger""#));
        fs::write(app.path().join("orders.wasm"), module("", &manifest)).unwrap();
        let built = command::command(app.path()).arg("build").output().unwrap();
        (built.status.success(), String::from_utf8(built.stderr).unwrap())
    };
    let (is_built, said) = with_limit(65_535);
    assert!(!is_built, "{said}");
    assert_has(
        &said,
        &["error: the memory of orders.wasm has 65536 bytes from the start, more than its `max_memory` of"],
    );
    let (_, said) = doctor(app.path(), &["--port", "0"], &[]);
    let refused = said.lines().find(|line| line.contains("its memory has 65536 bytes from the start")).unwrap();
    assert!(refused.starts_with("problem  ") && refused.contains("raise max_memory"), "{said}");
    assert!(!said.contains("build the module again"), "{said}");
    assert!(with_limit(65_536).0);
}

#[test]
fn looks_at_the_modules_after_the_packages_are_installed() {
    let package = r#"{ "main": "index.js", "dependencies": { "bluecrab": "1.0.0" } }"#;
    let app = app_of("", &[("host.json", r#"{ "version": "2.0" }"#), ("package.json", package)]);
    let bin = tempfile::tempdir().unwrap();
    let library = concat!(env!("CARGO_MANIFEST_DIR"), "/../../npm/bluecrab");
    program(
        &bin.path().join("npm"),
        &format!("[ $1 = install ] || exec echo 11\nmkdir node_modules && ln -s '{library}' node_modules/bluecrab"),
    );
    let path = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<_>>();
    let path = std::env::join_paths(std::iter::once(bin.path().to_owned()).chain(path)).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = command::command(app.path());
        command.args(["doctor", "--port", "0"]).args(arguments).env("PATH", &path);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let said = run(&[]);
    assert_has(&said, &["problem  the npm package bluecrab is not installed"]);
    let said = run(&["--fix"]);
    assert_has(&said, &["fixed    installed the packages with npm", "ok       the library loads orders.wasm"]);
}

#[test]
fn finds_what_the_machine_lacks_and_installs_the_target() {
    let app = app_of("", &[("host.json", r#"{ "version": "2.0" }"#)]);
    let cargo = "[package]\nname = \"orders\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\n\
                 crate-type = [\"cdylib\"]\n[package.metadata.bluecrab]\n[workspace]\n";
    fs::write(app.path().join("Cargo.toml"), cargo).unwrap();
    fs::create_dir(app.path().join("src")).unwrap();
    fs::write(app.path().join("src/lib.rs"), "").unwrap();
    let bin = tempfile::tempdir().unwrap();
    let libraries = bin.path().join("libraries");
    let rustc = bin.path().join("rustc");
    program(&rustc, &format!("[ $1 = --version ] && echo 'rustc 1.80.1 (x 2024)' || echo {}", libraries.display()));
    program(&bin.path().join("rustup"), &format!("mkdir {}", libraries.display()));
    let node = bin.path().join("old-node");
    program(&node, "echo v16.20.0");
    let path = std::env::join_paths(
        std::iter::once(bin.path().to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let variables = [("RUSTC", rustc.as_path()), ("PATH", Path::new(path.as_ref().unwrap()))];
    let arguments = ["--port", "0", "--node", node.to_str().unwrap()];
    let (is_well, said) = doctor(app.path(), &arguments, &variables);
    assert!(!is_well, "{said}");
    let lines = [
        "problem  Rust 1.80.1 is too old: the crate bluecrab needs ",
        "problem  the Rust target wasm32-wasip1 is not installed",
        "         run `rustup target add wasm32-wasip1`",
        "problem  Node.js 16.20.0 is too old for the library",
    ];
    assert_has(&said, &lines);
    let (_, said) = doctor(app.path(), &[&arguments[..], &["--fix"]].concat(), &variables);
    assert_has(&said, &["fixed    installed the Rust target wasm32-wasip1"]);
    assert!(libraries.is_dir());
}

#[test]
fn finds_broken_and_missing_files_and_binaries_for_another_system() {
    let app = app_of("", &[("host.json", r#"{ "version": 2 }"#)]);
    let (is_well, said) = doctor(app.path(), &["--port", "0"], &[]);
    assert!(!is_well && said.contains("host.json") && said.contains(r#"write "version": "2.0""#), "{said}");
    fs::write(app.path().join("host.json"), r#"{ "version": "2.0" }"#).unwrap();
    fs::write(app.path().join("addon.node"), b"\xcf\xfa\xed\xfe\x0c\0\0\x01\0\0\0\0\x08\0\0\0\0\0\0\0").unwrap();
    let (is_well, said) = doctor(app.path(), &["--port", "0"], &[]);
    assert!(!is_well, "{said}");
    assert_has(&said, &["problem  addon.node is a binary for macOS"]);
    fs::remove_file(app.path().join("addon.node")).unwrap();
    fs::remove_file(app.path().join("index.js")).unwrap();
    let (is_well, said) = doctor(app.path(), &["--port", "0"], &[]);
    assert!(!is_well, "{said}");
    assert_has(&said, &["problem  package.json says `main` is index.js, which is not among the app's files"]);
    fs::remove_file(app.path().join("orders.wasm")).unwrap();
    let (_, said) = doctor(app.path(), &["--port", "0"], &[]);
    assert_has(&said, &["note     there is no module", "         `bluecrab add NAME` adds a crate"]);
    fs::write(app.path().join("package.json"), r#"{ "bluecrab": { "build": ["make"] } }"#).unwrap();
    let (_, said) = doctor(app.path(), &["--port", "0"], &[]);
    assert_has(&said, &["         `bluecrab build` builds the app's modules"]);
    let (is_well, said) = doctor(tempfile::tempdir().unwrap().path(), &["--port", "0"], &[]);
    assert!(!is_well && said.contains("is not a function app: it has no host.json"), "{said}");
    // The machine is looked at nevertheless.
    assert_has(&said, &["ok       Rust ", "ok       npm "]);
}
