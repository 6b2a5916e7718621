//! Apps that use pnpm, Yarn or Bun.

use crate::archive::unpack;
use crate::command::command;
use crate::files::{read_all, write, write_app};
use crate::programs::{find, with_programs};
use crate::refusal::reason;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Output;

/// A script for npm that can only pack; it does not change any app.
fn packing_npm() -> String {
    let npm = find("npm");
    format!("test \"$1\" = pack || {{ echo \"npm must not run here\" >&2; exit 9; }}\nexec {} \"$@\"", npm.display())
}

/// A script that records its arguments and succeeds.
const RECORDS: &str = "echo \"$(basename $0) $*\" >> calls";

/// A script that changes files and then fails.
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
fn adds_the_package_with_the_package_manager_of_the_app() {
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
fn installs_missing_packages_with_the_package_manager_of_the_app() {
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "packageManager": "pnpm@10.34.9", "dependencies": { "left-pad": "^1.0.0" } }"#);
    write(
        app.path(),
        "Cargo.toml",
        "[package]\nname = \"padded\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n",
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
fn restores_the_app_if_the_package_manager_fails() {
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "main": "index.js" }"#);
    write(app.path(), "pnpm-lock.yaml", "old");
    write(app.path(), ".funcignore", "*.md");
    write(app.path(), ".gitignore", "node_modules\n");
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

#[test]
fn packs_the_versions_in_the_lock_file() {
    let system = "--os=linux --cpu=x64 --libc=glibc";
    for (lock, version, calls) in [
        (
            "pnpm-lock.yaml",
            "10.34.9",
            &*format!("install --prod --frozen-lockfile --config.node-linker=hoisted {system}\n"),
        ),
        ("pnpm-lock.yaml", "9.15.0", "install --prod --frozen-lockfile --config.node-linker=hoisted\n"),
        ("yarn.lock", "1.22.22", "install --production --non-interactive --frozen-lockfile\n"),
        ("yarn.lock", "4.18.1", "workspaces focus --production\n"),
        ("bun.lock", "1.4.5", "install --production --linker=hoisted --os=linux --cpu=x64 --frozen-lockfile\n"),
        ("bun.lock", "none", "install --production --linker=hoisted --os=linux --cpu=x64\n"),
    ] {
        let app = tempfile::tempdir().unwrap();
        write_app(
            app.path(),
            r#"{ "main": "index.js", "packageManager": "MANAGER", "dependencies": { "a": "^1.0.0" } }"#,
        );
        let manager = lock.split(['-', '.']).next().unwrap();
        let package = fs::read_to_string(app.path().join("package.json")).unwrap().replace("MANAGER", manager);
        write(app.path(), "package.json", &package);
        if version != "none" {
            write(app.path(), lock, "locked");
        }
        let script = format!(
            "test \"$1\" = --version && {{ echo {version}; exit; }}\necho \"$*\" >> {}/calls\n\
             mkdir -p node_modules/a; cat {lock} > node_modules/a/index.js",
            app.path().display()
        );
        let (_folder, path) = with_programs(&[("npm", &packing_npm()), (manager, &script)]);
        let output = run(app.path(), &["package", "-o", "app.zip"], &path);
        if version == "none" {
            let said = reason(output, &["package"]);
            assert!(said.contains("has no lock file of bun: the newest versions"), "{said}");
        } else {
            succeeds(&output);
            let files = unpack(&app.path().join("app.zip")).1;
            assert_eq!(files["node_modules/a/index.js"], b"locked");
            assert!(!files.contains_key(lock));
        }
        assert_eq!(fs::read_to_string(app.path().join("calls")).unwrap(), calls, "{lock} {version}");
        assert!(!app.path().join("node_modules").exists());
    }
}

#[test]
fn packs_the_versions_in_the_lock_file_of_the_workspace() {
    let root = tempfile::tempdir().unwrap();
    let app = root.path().join("apps/shop");
    write(root.path(), "package.json", r#"{ "private": true, "workspaces": ["apps/*"] }"#);
    write(root.path(), "package-lock.json", "locked");
    write(root.path(), "apps/other/package.json", "{}");
    write(root.path(), "apps/other/index.js", "");
    write_app(&app, r#"{ "main": "index.js", "dependencies": { "a": "1" }, "devDependencies": { "dev": "1" } }"#);
    // npm puts packages into the root of the workspace, and installs what other members need, too.
    let script = format!(
        "echo \"$*\" > {0}/calls\nls ../other > {0}/other\nfor name in a dev; do\n\
         mkdir -p ../../node_modules/$name; echo {{}} > ../../node_modules/$name/package.json\n\
         cat ../../package-lock.json > ../../node_modules/$name/index.js; done",
        root.path().display()
    );
    let (_folder, path) = with_programs(&[("npm", &script)]);
    let output = run(&app, &["package", "-o", "app.zip"], &path);
    succeeds(&output);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("has no lock file"));
    let files = unpack(&app.join("app.zip")).1;
    assert_eq!(files["node_modules/a/index.js"], b"locked");
    assert!(files.contains_key("index.js") && !files.keys().any(|file| file.contains("dev") || file.contains("other")));
    let calls = fs::read_to_string(root.path().join("calls")).unwrap();
    assert!(calls.starts_with("ci --omit=dev "), "{calls}");
    assert_eq!(fs::read_to_string(root.path().join("other")).unwrap(), "package.json\n");
}

#[test]
#[cfg(unix)]
fn packs_the_members_of_the_workspace_that_the_app_needs() {
    let root = tempfile::tempdir().unwrap();
    let app = root.path().join("apps/shop");
    write(root.path(), "package.json", r#"{ "private": true, "workspaces": ["apps/*", "libs/*"] }"#);
    write(root.path(), "package-lock.json", "locked");
    let needs = |name: &str| format!(r#""dependencies": {{ "{name}": "workspace:*" }}"#);
    write_app(&app, &format!(r#"{{ "main": "index.js", {} }}"#, needs("one")));
    let exports = r#""exports": { "require": "./index.js", "default": "./gone.js" }"#;
    let scripts = r#""scripts": { "prepare": "exit 7" }, "files": ["index.js"]"#;
    let one = format!(r#"{{ "name": "one", {exports}, {scripts}, {} }}"#, needs("two"));
    for (file, text) in [
        ("libs/one/package.json", one.as_str()),
        ("libs/one/index.js", "one"),
        ("libs/one/test.js", ""),
        ("libs/two/package.json", r#"{ "name": "two", "main": "dist" }"#),
        ("libs/two/.npmignore", "src"),
        ("libs/two/src/index.ts", ""),
        ("libs/unused/package.json", r#"{ "name": "unused" }"#),
        ("libs/unused/index.js", ""),
    ] {
        write(root.path(), file, text);
    }
    // npm links the members in the root of the workspace. It would run their scripts.
    let script =
        "cd ../..; mkdir node_modules; for name in one two unused; do ln -s ../libs/$name node_modules/$name; done
        ! grep -q scripts libs/one/package.json";
    let (_folder, path) = with_programs(&[("npm", script)]);
    let said = reason(run(&app, &["package", "-o", "app.zip"], &path), &["package"]);
    assert!(said.contains("libs/two is dist, which is missing: build the package first"), "{said}");
    write(root.path(), "libs/two/dist/index.js", "two");
    succeeds(&run(&app, &["package", "-o", "app.zip"], &path));
    let files = unpack(&app.join("app.zip")).1;
    let packages: Vec<&str> = files.keys().filter_map(|file| file.strip_prefix("node_modules/")).collect();
    assert_eq!(packages, ["one/index.js", "one/package.json", "two/dist/index.js", "two/package.json"]);
    let package = String::from_utf8_lossy(&files["node_modules/one/package.json"]);
    assert!(package.contains(&exports.replacen(": ", ":", 1)) && !package.contains("scripts"), "{package}");
}

#[test]
fn refuses_to_serve_an_app_with_plug_and_play() {
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "main": "index.js" }"#);
    write(app.path(), ".pnp.cjs", "");
    for arguments in [&["dev", "--port", "0"][..], &["dev", "--port", "0", "--watch"]] {
        let said = reason(command(app.path()).args(arguments).output().unwrap(), arguments);
        assert!(said.contains("Plug'n'Play") && said.contains("`nodeLinker: node-modules` to .yarnrc.yml"), "{said}");
    }
}
