//! Which crates in an app's folder are modules, and where cargo builds them.

use crate::archive::unpack;
use crate::command::command;
use crate::dev_server::Dev;
use crate::files::{manifest, write, write_app};
use crate::new_app::printed;
use crate::refusal::refused;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const NATIVE: &str = "#[cfg(target_family = \"wasm\")]\ncompile_error!(\"this crate is native only\");\n";
const BROWSER: &str = "#[cfg(target_os = \"wasi\")]\ncompile_error!(\"this crate is for browsers only\");\n";
const WORD: &str = "#[bluecrab::http]\nfn word() -> &'static str {\n    \"served\"\n}\n";
const CDYLIB: &str = "[lib]\ncrate-type = [\"cdylib\"]\n";
const BLUECRAB: &str =
    concat!("[dependencies]\nbluecrab = { path = \"", env!("CARGO_MANIFEST_DIR"), "/../bluecrab\" }\n");

fn app() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_app(folder.path(), r#"{ "main": "index.js" }"#);
    folder
}

/// Adds crates that cannot be built for WASI to the folder `prefix`.
fn add_others(app: &Path, prefix: &str) {
    write(app, &format!("{prefix}tool/Cargo.toml"), &manifest("tool", ""));
    write(app, &format!("{prefix}tool/src/main.rs"), &format!("{NATIVE}fn main() {{}}"));
    write(app, &format!("{prefix}browser/Cargo.toml"), &manifest("browser", CDYLIB));
    write(app, &format!("{prefix}browser/src/lib.rs"), BROWSER);
    let opted_out = [CDYLIB, BLUECRAB, "[package.metadata.bluecrab]\nmodule = false\n"].concat();
    write(app, &format!("{prefix}other/Cargo.toml"), &manifest("other", &opted_out));
    write(app, &format!("{prefix}other/src/lib.rs"), BROWSER);
}

/// Adds a module whose package also has a native program.
fn add_module(app: &Path, folder: &str, rest: &str) {
    write(app, &format!("{folder}Cargo.toml"), &manifest("words", &[CDYLIB, BLUECRAB, rest].concat()));
    write(app, &format!("{folder}src/lib.rs"), WORD);
    write(app, &format!("{folder}src/bin/print.rs"), &format!("{NATIVE}fn main() {{}}"));
}

fn assert_builds_words(app: &TempDir) {
    let said = printed(app.path(), &["build"]);
    assert!(said.contains("words.wasm, ") && said.matches(".wasm").count() == 1, "{said}");
    let modules = fs::read_dir(app.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(
        modules.filter(|name| name.ends_with(".wasm")).collect::<Vec<_>>(),
        ["words.metered.wasm", "words.wasm"]
    );
}

#[test]
fn builds_only_modules_among_several_crates() {
    let app = app();
    add_module(app.path(), "words/", "");
    add_others(app.path(), "");
    assert_builds_words(&app);
    // The note names the module that is not built, and no other crate.
    let dev = Dev::start_without_waiting(command(app.path()), &[]);
    assert!(dev.wait_for("note: the crate ").starts_with("words is in a folder below the app"));
}

#[test]
fn builds_only_modules_in_a_workspace() {
    let app = app();
    write(app.path(), "Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n");
    add_module(app.path(), "crates/words/", "");
    add_others(app.path(), "crates/");
    assert_builds_words(&app);
}

#[test]
fn builds_and_describes_a_module_that_renames_the_crate() {
    let app = app();
    let renamed = BLUECRAB.replace("bluecrab = {", "crab = { package = \"bluecrab\",");
    write(app.path(), "Cargo.toml", &manifest("words", &[CDYLIB, &renamed].concat()));
    write(app.path(), "src/lib.rs", &format!("extern crate crab as bluecrab;\n\n{WORD}"));
    assert_builds_words(&app);
    assert!(printed(app.path(), &["openapi"]).contains("/api/word"));
}

#[test]
fn builds_only_the_module_of_a_package_with_native_members() {
    let app = app();
    add_module(app.path(), "", "[workspace]\nmembers = [\"tool\", \"browser\", \"other\"]\n");
    add_others(app.path(), "");
    assert_builds_words(&app);
}

#[test]
fn ignores_the_workspace_around_an_app() {
    let outer = tempfile::tempdir().unwrap();
    write(outer.path(), "Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"apps/*\", \"tool\"]\n");
    write(outer.path(), "tool/Cargo.toml", &manifest("tool", ""));
    write(outer.path(), "tool/src/main.rs", &format!("{NATIVE}fn main() {{}}"));
    let app = outer.path().join("apps/words");
    add_module(&app, "", "");
    write(&app, "host.json", "{}");
    write(&app, "package.json", "{}");
    assert!(printed(&app, &["build"]).contains("words.wasm, "));
}

#[test]
fn serves_and_packs_an_app_without_modules() {
    let app = app();
    write(app.path(), "Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"tool\", \"browser\", \"other\"]\n");
    add_others(app.path(), "");
    let said = refused(app.path(), &["build"]);
    assert!(said.contains("no crate in it is a module ("), "{said}");
    printed(app.path(), &["package", "-o", "app.zip"]);
    assert_eq!(
        unpack(&app.path().join("app.zip")).1.into_keys().collect::<Vec<_>>(),
        ["host.json", "index.js", "package.json"]
    );
    write(app.path(), "index.js", "require('@azure/functions').app.http('word', { handler: () => ({}) });");
    let mut dev = command(app.path());
    dev.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    Dev::start(dev, &[]);
}

#[test]
fn does_not_pack_target_folders() {
    let app = app();
    add_module(app.path(), "", "");
    write(app.path(), "words.wasm", "");
    write(app.path(), "src/target/a.js", "");
    write(app.path(), ".cargo/config.toml", "[build]\ntarget-dir = \"configured\"\n");
    for target in ["configured", "named", "deep/down"] {
        write(app.path(), &format!("{target}/release/words.d"), "");
    }
    // Cargo marks its target folders, so a former target folder is recognized too.
    write(app.path(), "former/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# by cargo");
    write(app.path(), "former/release/words.d", "");
    let packed = |variable: Option<&str>| {
        let mut package = command(app.path());
        package.args(["package", "--no-build", "-o", "app.zip"]).env_remove("CARGO_TARGET_DIR");
        package.envs(variable.map(|folder| ("CARGO_TARGET_DIR", folder)));
        let output = package.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        unpack(&app.path().join("app.zip")).1.into_keys().collect::<Vec<_>>()
    };
    let own = ["host.json", "index.js", "package.json", "src/target/a.js", "words.wasm"];
    let with = |others: [&str; 2]| {
        let mut files: Vec<String> = own.into_iter().chain(others).map(str::to_owned).collect();
        files.sort();
        files
    };
    assert_eq!(packed(None), with(["deep/down/release/words.d", "named/release/words.d"]));
    assert_eq!(packed(Some("named")), with(["configured/release/words.d", "deep/down/release/words.d"]));
    assert_eq!(packed(Some("deep/down")), with(["configured/release/words.d", "named/release/words.d"]));
}

/// A module of another language, with its manifest in a file next to it.
#[test]
fn writes_metered_copies_of_modules_that_have_no_crate() {
    let app = app();
    let line = r#"{"name":"spin","export":"spin","trigger":{"type":"httpTrigger"}}"#;
    fs::write(app.path().join("spin.wasm"), b"\0asm\x01\0\0\0").unwrap();
    write(app.path(), "spin.functions.json", line);
    // This module has no functions.
    fs::write(app.path().join("other.wasm"), b"\0asm\x01\0\0\0").unwrap();
    let said = printed(app.path(), &["build"]);
    assert!(said.contains("spin.wasm, 8 bytes, and its metered copy, ") && !said.contains("other"), "{said}");
    let copy = app.path().join("spin.metered.wasm");
    assert!(copy.is_file() && !app.path().join("other.metered.wasm").exists());
    printed(app.path(), &["package", "-o", "app.zip"]);
    assert!(unpack(&app.path().join("app.zip")).1.contains_key("spin.metered.wasm"));
    // The copy goes with its module.
    fs::rename(app.path().join("spin.wasm"), app.path().join("turn.wasm")).unwrap();
    fs::rename(app.path().join("spin.functions.json"), app.path().join("turn.functions.json")).unwrap();
    printed(app.path(), &["build"]);
    assert!(!copy.exists() && app.path().join("turn.metered.wasm").is_file());
}
