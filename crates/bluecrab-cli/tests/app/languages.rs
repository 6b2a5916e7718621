//! Apps in other languages than Rust. The compilers are scripts; `cargo xtask test --only guests` uses real ones.

use crate::command::command;
use crate::files::write;
use crate::new_app::printed;
use crate::programs::with_programs;
use crate::refusal::{reason, refused};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// Makes an app in a language, whose npm packages seem to be installed.
fn new_app(language: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    printed(folder.path(), &["new", "my-app", "--lang", language]);
    let app = folder.path().join("my-app");
    let tools = ["@bytecodealliance/componentize-js", "@bytecodealliance/preview2-shim", "assemblyscript"];
    for package in ["@azure/functions", "bluecrab"].into_iter().chain(tools) {
        fs::create_dir_all(app.join("node_modules").join(package)).unwrap();
    }
    (folder, app)
}

fn build(app: &Path, path: &OsStr) -> Output {
    command(app).arg("build").env("PATH", path).output().unwrap()
}

#[test]
fn a_new_app_has_the_files_of_its_language() {
    for (language, source, name) in [
        ("c", "src/functions.c", "C"),
        ("zig", "src/functions.zig", "Zig"),
        ("go", "src/main.go", "Go"),
        ("assemblyscript", "src/index.ts", "AssemblyScript"),
        ("javascript", "src/app.js", "JavaScript"),
        ("python", "src/app.py", "Python"),
    ] {
        let (_folder, app) = new_app(language);
        assert!(fs::read_to_string(app.join(source)).unwrap().contains("The functions of my-app."), "{language}");
        let readme = fs::read_to_string(app.join("README.md")).unwrap();
        assert!(readme.contains(&format!("The functions are in {name} (`{source}`)")), "{readme}");
        assert!(!readme.contains("{{"), "{readme}");
        assert!(!app.join("Cargo.toml").exists(), "{language}");
        let tasks = fs::read_to_string(app.join(".vscode/tasks.json")).unwrap();
        assert!(tasks.contains("\"bluecrab dev --inspect\"") && !tasks.contains("--debug"), "{tasks}");
        let launch = fs::read_to_string(app.join(".vscode/launch.json")).unwrap();
        assert!(launch.contains("bluecrab dev --inspect --watch") && !launch.contains("--debug"), "{launch}");
        let package: Value = serde_json::from_slice(&fs::read(app.join("package.json")).unwrap()).unwrap();
        let command = package["bluecrab"]["build"][0].as_str().unwrap();
        assert!(command.contains("my_app.wasm"), "{command}");
        let needs_manifest = ["zig", "go", "assemblyscript"].contains(&language);
        assert_eq!(app.join("my_app.functions.json").exists(), needs_manifest, "{language}");
        let index = fs::read_to_string(app.join("index.js")).unwrap();
        let is_component = ["javascript", "python"].contains(&language);
        let call = if is_component { "registerComponent('my_app.wasm', {" } else { "registerModule('my_app.wasm')" };
        assert!(index.contains(call), "{index}");
        assert_eq!(app.join("src/wasi.wit").exists(), is_component, "{language}");
        let node = if language == "python" { ">=22" } else { ">=20" };
        assert_eq!(package["engines"]["node"], node, "{language}");
    }
    let folder = tempfile::tempdir().unwrap();
    let said = refused(folder.path(), &["new", "app", "--lang", "go", "--trigger", "queue"]);
    assert!(said.contains("a new app in Go has a function that HTTP calls: leave out --trigger"), "{said}");
    assert!(!folder.path().join("app").exists());
}

#[test]
fn build_runs_the_commands_of_package_json() {
    let (_folder, app) = new_app("go");
    let module = app.join("made");
    fs::write(&module, wat::parse_str("(module)").unwrap()).unwrap();
    let script = format!("echo \"$GOOS $GOARCH $*\" > calls; /bin/cp {} my_app.wasm", module.display());
    let (programs, _) = with_programs(&[("go", &script)]);
    let output = build(&app, programs.path().as_os_str());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("my_app.wasm, ") && said.contains("    statistics  [POST] /api/statistics\n"), "{said}");
    let calls = fs::read_to_string(app.join("calls")).unwrap();
    assert_eq!(calls, "wasip1 wasm build -C src -buildmode=c-shared -trimpath -ldflags=-s -o ../my_app.wasm .\n");
    assert!(app.join("my_app.metered.wasm").is_file());
}

#[test]
fn build_finds_the_zig_of_pip() {
    let (_folder, app) = new_app("c");
    let (programs, _) = with_programs(&[("python-zig", "echo \"$1\" > calls")]);
    assert!(build(&app, programs.path().as_os_str()).status.success());
    assert_eq!(fs::read_to_string(app.join("calls")).unwrap(), "cc\n");
}

#[test]
fn build_says_which_compiler_is_missing_and_what_failed() {
    let nothing = tempfile::tempdir().unwrap();
    for (language, advice) in [
        ("c", "cannot find `zig`: install Zig from https://ziglang.org/download, or with `pip install ziglang`"),
        ("go", "cannot find `go`: install Go from https://go.dev/dl"),
        ("python", "cannot find `componentize-py`: install it with `pip install componentize-py`, or with `uv tool"),
    ] {
        let (_folder, app) = new_app(language);
        let said = reason(build(&app, nothing.path().as_os_str()), &["build"]);
        assert!(said.contains(advice), "{said}");
    }
    let (_folder, app) = new_app("zig");
    let (programs, _) = with_programs(&[("zig", "echo functions.zig:1:1: error: no function >&2; exit 7")]);
    let said = reason(build(&app, programs.path().as_os_str()), &["build"]);
    assert!(said.contains("functions.zig:1:1: error: no function\n"), "{said}");
    assert!(said.contains("`zig build-exe src/functions.zig ") && said.contains("exit status: 7"), "{said}");
    // A mistake in a manifest that somebody has written by hand.
    let (programs, _) = with_programs(&[("zig", "exit 0")]);
    fs::write(app.join("my_app.wasm"), wat::parse_str("(module)").unwrap()).unwrap();
    fs::write(app.join("my_app.functions.json"), r#"{ "name": "a", trigger: {} }"#).unwrap();
    let said = reason(build(&app, programs.path().as_os_str()), &["build"]);
    let expected = "my_app.functions.json is invalid: its manifest has `{ \"name\": \"a\", trigger: {} }`: key must be";
    assert!(said.contains(expected), "{said}");
    write(&app, "package.json", r#"{ "bluecrab": { "build": ["cc 'a.c"] } }"#);
    assert!(refused(&app, &["build"]).contains("has `cc 'a.c`: a quotation mark is missing"));
    write(&app, "package.json", r#"{ "bluecrab": { "built": [] } }"#);
    assert!(refused(&app, &["build"]).contains("unknown field `built`"));
}
