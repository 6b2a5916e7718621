//! New crates in existing cargo workspaces.

use crate::files::{manifest, read_all, write, write_app};
use crate::new_app::printed;
use crate::refusal::refused;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Returns the members of the workspace in or around a folder, according to cargo.
fn members(folder: &Path) -> Vec<String> {
    let mut metadata = Command::new(env!("CARGO"));
    metadata.args(["metadata", "--no-deps", "--format-version=1"]).current_dir(folder);
    let output = metadata.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(|package| package["name"].as_str().unwrap().to_owned()).collect()
}

fn assert_has_no_warning(folder: &Path) {
    let mut check = Command::new(env!("CARGO"));
    check.args(["metadata", "--no-deps", "--format-version=1"]).current_dir(folder);
    let said = String::from_utf8(check.output().unwrap().stderr).unwrap();
    assert!(!said.contains("warning"), "{said}");
}

#[test]
fn cargo_works_in_a_new_crate_and_in_the_workspace_above() {
    for (workspace, member) in [
        ("[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n", true),
        ("[workspace]\nresolver = \"3\"\nmembers = [\"tool\"]\n", false),
        ("[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\", \"tool\"]\nexclude = [\"crates/hello\"]\n", false),
        // The workspace is invalid before, and stays so.
        ("[workspace]\nmembers = [\"none/*\"]\n", false),
        (&manifest("root", "[workspace]\nmembers = [\"crates/*\"]\n"), true),
        (&manifest("root", "[workspace]\n"), false),
        (&manifest("root", ""), false),
    ] {
        let outer = tempfile::tempdir().unwrap();
        write(outer.path(), "Cargo.toml", workspace);
        write(outer.path(), "src/lib.rs", "");
        write(outer.path(), "tool/Cargo.toml", &manifest("tool", ""));
        write(outer.path(), "tool/src/main.rs", "fn main() {}");
        fs::create_dir(outer.path().join("crates")).unwrap();
        let said = printed(outer.path(), &["new", "crates/hello"]);
        let advice = format!("a member of the workspace in {}", dunce::canonicalize(outer.path()).unwrap().display());
        assert_eq!(said.contains(&advice), member, "{workspace}: {said}");
        if !workspace.contains("none") {
            assert_eq!(members(outer.path()).contains(&"hello".to_owned()), member, "{workspace}");
        }
        let hello = outer.path().join("crates/hello");
        assert!(members(&hello).contains(&"hello".to_owned()), "{workspace}");
        assert_has_no_warning(&hello);
    }
}

#[test]
fn builds_an_added_crate_as_a_workspace_member() {
    let outer = tempfile::tempdir().unwrap();
    write(outer.path(), "Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"apps/*/me*\"]\n");
    let app = outer.path().join("apps/shop");
    write_app(&app, r#"{ "main": "index.js" }"#);
    assert!(printed(&app, &["add", "means"]).contains("a member of the workspace in "));
    assert_eq!(members(outer.path()), ["means"]);
    assert!(printed(&app, &["build"]).contains("means.wasm, "));
}

#[test]
fn removes_a_crate_that_does_not_fit_into_the_workspace() {
    let outer = tempfile::tempdir().unwrap();
    write(
        outer.path(),
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"apps/*/su*\", \"apps/*\", \"sums\"]\n",
    );
    write(outer.path(), "sums/Cargo.toml", &manifest("sums", ""));
    write(outer.path(), "sums/src/lib.rs", "");
    let app = outer.path().join("apps/shop");
    write_app(&app, r#"{ "main": "index.js" }"#);
    write(&app, "Cargo.toml", &manifest("shop", ""));
    write(&app, "src/lib.rs", "");
    write(&app, "sub/Cargo.toml", &manifest("sub", ""));
    write(&app, "sub/src/lib.rs", "");
    let before = read_all(outer.path());
    let said = refused(&app, &["add", "sums"]);
    assert!(said.contains("the crate does not fit into the cargo workspace around it"), "{said}");
    assert!(said.contains("two packages named `sums` in this workspace"), "{said}");
    for new in ["apps/sums", "apps/more/sums"] {
        let said = refused(outer.path(), &["new", new]);
        assert!(said.contains("the crate does not fit into the cargo workspace around it"), "{said}");
    }
    assert_eq!(read_all(outer.path()), before);
}
