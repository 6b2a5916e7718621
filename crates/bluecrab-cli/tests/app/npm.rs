//! Apps whose packages are those of pnpm, Yarn or Bun.

use crate::command::command;
use crate::files::{read_all, write, write_app};
use crate::programs::{find, with_programs};
use crate::refusal::reason;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Output;

/// npm as far as it touches no app.
fn packing_npm() -> String {
    let npm = find("npm");
    format!("test \"$1\" = pack || {{ echo \"npm must not run here\" >&2; exit 9; }}\nexec {} \"$@\"", npm.display())
}

/// Writes down how it is called, and succeeds.
const RECORDS: &str = "echo \"$(basename $0) $*\" >> calls";

/// Leaves a mess behind.
const FAILS: &str =
    "mkdir -p node_modules/.pnpm; echo x > node_modules/.pnpm/x; echo y >> package.json; echo lock > pnpm-lock.yaml
echo y > pnpm-workspace.yaml; echo 'ERR_PNPM_OUT_OF_PAPER'; exit 1";

fn run(app: &Path, arguments: &[&str], path: &OsStr) -> Output {
    command(app).args(arguments).env("PATH", path).output().unwrap()
}

fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn each_app_gets_the_package_from_the_manager_that_it_uses() {
    for (sign, call) in [
        ("pnpm-lock.yaml", "pnpm add ./vendor/bluecrab-0.1.0.tgz --ignore-workspace-root-check\n"),
        ("yarn.lock", "yarn add bluecrab@file:./vendor/bluecrab-0.1.0.tgz\n"),
        ("bun.lock", "bun add bluecrab@file:./vendor/bluecrab-0.1.0.tgz\n"),
    ] {
        let app = tempfile::tempdir().unwrap();
        write_app(app.path(), r#"{ "main": "index.js" }"#);
        write(app.path(), sign, "");
        let programs = ["pnpm", "yarn", "bun"].map(|name| (name, RECORDS));
        let (_folder, path) = with_programs(&[&[("npm", &*packing_npm())], &programs[..]].concat());
        succeeds(&run(app.path(), &["add", "sums"], &path));
        assert_eq!(fs::read_to_string(app.path().join("calls")).unwrap(), call);
        assert!(app.path().join("vendor/bluecrab-0.1.0.tgz").is_file() && app.path().join("sums/src/lib.rs").is_file());
    }
}

#[test]
fn a_build_installs_what_is_missing_by_the_manager_that_the_app_uses() {
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "packageManager": "pnpm@10.34.9", "dependencies": { "left-pad": "^1.0.0" } }"#);
    write(
        app.path(),
        "Cargo.toml",
        "[package]\nname = \"odd\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n",
    );
    let (_folder, path) = with_programs(&[("npm", &packing_npm()), ("pnpm", RECORDS)]);
    let bluecrab = concat!(
        "[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\nbluecrab = { path = \"",
        env!("CARGO_MANIFEST_DIR"),
        "/../bluecrab\" }\n"
    );
    let manifest = fs::read_to_string(app.path().join("Cargo.toml")).unwrap();
    write(app.path(), "Cargo.toml", &(manifest + bluecrab));
    write(app.path(), "src/lib.rs", "#[bluecrab::http]\nfn word() -> &'static str {\n    \"served\"\n}\n");
    succeeds(&run(app.path(), &["build"], &path));
    assert_eq!(fs::read_to_string(app.path().join("calls")).unwrap(), "pnpm install\n");
    assert!(!app.path().join("package-lock.json").exists());
}

#[test]
fn nothing_is_left_behind_where_the_manager_fails() {
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "main": "index.js" }"#);
    write(app.path(), "pnpm-lock.yaml", "old");
    write(app.path(), ".funcignore", "*.md");
    write(app.path(), "vendor/other.tgz", "kept");
    let before = read_all(app.path());
    let (_folder, path) = with_programs(&[("npm", &packing_npm()), ("pnpm", FAILS)]);
    let said = reason(run(app.path(), &["add", "sums"], &path), &["add"]);
    assert!(said.contains("ERR_PNPM_OUT_OF_PAPER") && said.contains("this app uses pnpm"), "{said}");
    assert_eq!(read_all(app.path()), before);

    let node = format!("exec {} \"$@\"", find("node").display());
    let (folder, _) = with_programs(&[("npm", &packing_npm()), ("node", &node)]);
    let said = reason(run(app.path(), &["add", "sums"], folder.path().as_os_str()), &["add"]);
    assert!(said.contains("`npm install --global pnpm`") && said.contains("cannot find `pnpm`"), "{said}");
    assert_eq!(read_all(app.path()), before);
}
