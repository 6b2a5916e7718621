//! The contents of packages, and the apps that cannot be packed.

use crate::archive::unpack;
use crate::command::command;
use crate::files::{write, write_app};
use crate::new_app::printed;
use crate::refusal::refused;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Packs an app and returns the files in the package.
fn packed(app: &Path) -> BTreeMap<String, Vec<u8>> {
    printed(app, &["package", "--no-build", "-o", "app.zip"]);
    unpack(&app.join("app.zip")).1
}

fn names(files: &BTreeMap<String, Vec<u8>>) -> Vec<&str> {
    files.keys().map(String::as_str).collect()
}

/// Makes the tarball of a package in the app's folder `vendor`. Returns the dependency for package.json.
fn vendor(app: &Path, name: &str, files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        write(folder.path(), file, text);
    }
    fs::create_dir_all(app.join("vendor")).unwrap();
    let mut pack = Command::new("npm");
    pack.args(["pack", "--silent", "--pack-destination"]).arg(app.join("vendor")).current_dir(folder.path());
    assert!(pack.output().unwrap().status.success());
    format!("file:vendor/{name}-1.0.0.tgz")
}

#[test]
fn packs_the_needed_files_and_no_others() {
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "main": "index.js" }"#);
    for kept in
        [".well-known/assetlinks.json", "src/target/a.js", "target/b.js", "data/a.zip", "data/yarn.lock", "brought.log"]
    {
        write(app.path(), kept, "");
    }
    for left_out in [
        ".env",
        ".vscode/settings.json",
        "local.settings.json",
        "sub/local.settings.json",
        "Local.Settings.JSON",
        "local.settings.production.json",
        "local.settings.json.bak",
        ".ENV",
        "dev.log",
        "logs/npm-debug.log",
        "a.pem",
        "keys/B.PEM",
        "package-lock.json",
        "pnpm-lock.yaml",
        "yarn.lock",
        "bun.lock",
        "node_modules/a/index.js",
        "sub/node_modules/a/index.js",
        "lib/NODE_MODULES/a/index.js",
        "tool/Cargo.toml",
        "tool/notes.txt",
        "main.rs",
        "former.zip",
    ] {
        write(app.path(), left_out, "");
    }
    write(app.path(), "tool/Cargo.toml", "[package]\nname = \"tool\"\nversion = \"0.1.0\"\n[workspace]\n");
    write(app.path(), "tool/src/lib.rs", "");
    write(app.path(), "tool/wanted.json", "");
    #[cfg(unix)]
    for secret in ["local.settings.json", ".env"] {
        std::os::unix::fs::symlink(app.path().join(secret), app.path().join(format!("{}.txt", &secret[1..]))).unwrap();
    }
    write(app.path(), ".funcignore", "*.[pP][eE][mM]\n!/tool/wanted.json\n!brought.log\n");
    assert_eq!(
        names(&packed(app.path())),
        [
            ".well-known/assetlinks.json",
            "brought.log",
            "data/a.zip",
            "data/yarn.lock",
            "host.json",
            "index.js",
            "package.json",
            "src/target/a.js",
            "target/b.js",
            "tool/wanted.json",
        ]
    );
    write(app.path(), ".funcignore", "*.md\n[z-a]");
    let said = refused(app.path(), &["package", "--no-build"]);
    assert!(said.contains(".funcignore has an invalid pattern: line 2: "), "{said}");
}

#[test]
fn refuses_an_app_that_was_not_built_and_says_what_to_do() {
    for main in [
        "dist/index.js",
        "dist/{index.js,functions/*.js}",
        "dist/src/functions/*.js",
        "dist/**/*.js",
        "dist",
        "./dist/",
    ] {
        let app = tempfile::tempdir().unwrap();
        write_app(app.path(), &format!(r#"{{ "main": "{main}", "scripts": {{ "build": "tsc" }} }}"#));
        write(app.path(), "src/functions/a.ts", "");
        write(app.path(), "dist/functions.js.map", "");
        let said = refused(app.path(), &["package"]);
        assert!(said.contains(&format!("`main` is {main}, which is not among")), "{said}");
        assert!(said.contains("run `npm run build` first"), "{said}");
        assert!(!app.path().join("app.zip").exists());
        write(app.path(), "yarn.lock", "");
        assert!(refused(app.path(), &["package"]).contains("run `yarn run build` first"));
        for built in ["dist/index.js", "dist/functions/a.js", "dist/src/functions/a.js"] {
            write(app.path(), built, "");
        }
        assert!(names(&packed(app.path())).contains(&"dist/index.js"));
    }
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "main": "dist\\index.js" }"#);
    write(app.path(), "dist/index.js", "");
    let said = refused(app.path(), &["package"]);
    assert!(
        said.contains(r"`main` is dist\index.js, which is not among the app's files: write `/` instead of `\`"),
        "{said}"
    );
}

#[test]
fn refuses_a_host_json_that_the_platform_cannot_read() {
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "main": "index.js" }"#);
    // Azure does not read this file.
    write(app.path(), "local.settings.json", "{");
    assert!(printed(app.path(), &["package", "-o", "my app.zip"]).contains(" --src 'my app.zip'\n"));
    write(app.path(), "host.json", "{");
    let said = refused(app.path(), &["package", "-o", "app.zip"]);
    assert!(said.contains("host.json: it is not JSON: ") && !app.path().join("app.zip").exists(), "{said}");
}

#[test]
fn runs_install_scripts_in_a_copy_of_the_app() {
    let app = tempfile::tempdir().unwrap();
    let tool = vendor(
        app.path(),
        "tool",
        &[
            ("package.json", r#"{ "name": "tool", "version": "1.0.0", "bin": "tool.js" }"#),
            (
                "tool.js",
                "#!/usr/bin/env node\nconst fs = require('fs');\nfs.mkdirSync('node_modules/.client');\nfs.copyFileSync('schema.txt', 'node_modules/.client/index.js');\nfs.writeFileSync('made.js', '');",
            ),
        ],
    );
    let used =
        vendor(app.path(), "used", &[("package.json", r#"{ "name": "used", "version": "1.0.0" }"#), ("index.js", "")]);
    let package = format!(
        r#"{{ "main": "made.js", "scripts": {{ "postinstall": "tool" }},
            "dependencies": {{ "used": "{used}" }}, "devDependencies": {{ "tool": "{tool}" }} }}"#
    );
    write_app(app.path(), &package);
    write(app.path(), "schema.txt", "generated");
    write(app.path(), ".funcignore", "schema.txt");
    let files = packed(app.path());
    assert_eq!(
        names(&files),
        [
            "host.json",
            "index.js",
            "made.js",
            "node_modules/.client/index.js",
            "node_modules/used/index.js",
            "node_modules/used/package.json",
            "package.json",
        ]
    );
    assert_eq!(files["node_modules/.client/index.js"], b"generated");
    assert!(!app.path().join("made.js").exists() && !app.path().join("node_modules").exists());

    write(app.path(), "package.json", &package.replace("\"postinstall\": \"tool\"", "\"prepare\": \"exit 7\""));
    let said = refused(app.path(), &["package"]);
    assert!(said.contains("the production packages could not be installed"), "{said}");
}

#[test]
fn refuses_a_binary_for_another_system() {
    let app = tempfile::tempdir().unwrap();
    let write_binary = |head: &str| {
        format!(
            "require('fs').mkdirSync('lib');\nrequire('fs').writeFileSync('lib/a.node', Buffer.from('{head}', 'hex'));"
        )
    };
    let mac = "cffaedfe0c000001000000000800000000000000";
    let manifest = r#"{ "name": "native", "version": "1.0.0", "scripts": { "install": "node install.js" } }"#;
    let native = vendor(app.path(), "native", &[("package.json", manifest), ("install.js", &write_binary(mac))]);
    write_app(app.path(), &format!(r#"{{ "main": "index.js", "dependencies": {{ "native": "{native}" }} }}"#));
    let said = refused(app.path(), &["package"]);
    assert!(said.contains("node_modules/native/lib/a.node is a binary for macOS"), "{said}");
    assert!(said.contains("Run `bluecrab package` on Linux on x64"), "{said}");
    let linux = "7f454c4602010100000000000000000003003e00";
    vendor(app.path(), "native", &[("package.json", manifest), ("install.js", &write_binary(linux))]);
    assert!(packed(app.path()).contains_key("node_modules/native/lib/a.node"));
}

/// npm links such a folder, and installs nothing for it.
#[test]
fn packs_a_package_from_another_folder_with_its_packages() {
    let root = tempfile::tempdir().unwrap();
    let (app, prices) = (root.path().join("apps/shop"), root.path().join("libs/prices"));
    let rates = [("package.json", r#"{ "name": "rates", "version": "1.0.0" }"#), ("index.js", "exports.rate = 2;")];
    let rates = vendor(&prices, "rates", &rates);
    let manifest = |scripts: &str, needs: &str| {
        format!(r#"{{ "name": "x", "version": "1.0.0", "main": "index.js"{scripts}, "dependencies": {{ {needs} }} }}"#)
    };
    let scripts = r#", "files": ["vendor"], "scripts": { "prepare": "exit 7" }"#;
    let needs = format!(r#""rates": "{rates}", "tax": "file:../tax""#);
    write(&prices, "package.json", &manifest(scripts, &needs));
    write(&prices, "index.js", "exports.price = require('tax').tax * require('rates').rate;");
    write(&prices, "test.js", "");
    write(root.path(), "libs/tax/package.json", &manifest("", ""));
    write(root.path(), "libs/tax/index.js", "exports.tax = 21;");
    write(&app, "inner/package.json", &manifest("", ""));
    write(&app, "inner/index.js", "exports.name = 'inner';");
    write_app(&app, &manifest("", r#""prices": "file:../../libs/prices", "inner": "file:./inner""#));
    write(&app, "index.js", "console.log(require('inner').name, require('prices').price);");
    let mut install = Command::new("npm");
    install.args(["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&app);
    assert!(install.status().unwrap().success());

    printed(&app, &["package", "-o", "app.zip"]);
    let (unpacked, files) = unpack(&app.join("app.zip"));
    let mut node = Command::new("node");
    let output = node.arg("index.js").current_dir(unpacked.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "inner 42\n", "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!files.contains_key("node_modules/prices/test.js"), "{:?}", names(&files));
    let package = &files["node_modules/prices/package.json"];
    assert!(!String::from_utf8_lossy(package).contains("scripts"));
    assert!(!prices.join("node_modules").exists());
}

#[test]
fn refuses_a_package_from_a_folder_that_is_not_there() {
    for (from, reason) in [
        ("workspace:*", "no member of the app's workspace has this name"),
        ("link:../shared", "there is no such folder or tarball"),
        ("../shared", "there is no such folder or tarball"),
        ("portal:.git", "a folder without package.json"),
    ] {
        let app = tempfile::tempdir().unwrap();
        write_app(app.path(), &format!(r#"{{ "main": "index.js", "dependencies": {{ "shared": "{from}" }} }}"#));
        fs::create_dir(app.path().join(".git")).unwrap();
        let said = refused(app.path(), &["package"]);
        assert!(said.contains("`shared` from ") && said.contains(reason), "{said}");
    }
}

#[test]
#[cfg_attr(not(unix), expect(unused_variables, reason = "a link needs a permission there"))]
fn a_member_of_the_workspace_is_not_taken_from_the_registry() {
    for (patterns, manager) in [
        (r#"["packages/*", "apps/*"]"#, "npm"),
        (r#"{ "packages": ["./packages/*/"] }"#, "yarn"),
        (r#"["packages/*"]"#, "installed"),
    ] {
        let outer = tempfile::tempdir().unwrap();
        let (root, app) = (outer.path(), outer.path().join("apps/shop"));
        write(root, "package.json", &format!(r#"{{ "private": true, "workspaces": {patterns} }}"#));
        write(root, "packages/mine/package.json", r#"{ "name": "left-pad", "version": "9.9.9" }"#);
        fs::create_dir_all(&app).unwrap();
        write_app(&app, r#"{ "main": "index.js", "dependencies": { "left-pad": "*" } }"#);
        #[cfg(unix)]
        if manager == "installed" {
            write(root, "package.json", r#"{ "workspaces": ["no-longer"] }"#);
            fs::create_dir(root.join("node_modules")).unwrap();
            std::os::unix::fs::symlink("../packages/mine", root.join("node_modules/left-pad")).unwrap();
        }
        let said = refused(&app, &["package"]);
        assert!(said.contains("package.json takes `left-pad` from the workspace ("), "{said}");
        assert!(said.contains("packages/mine), which has no lock file with the app's packages"), "{said}");
    }
}

#[test]
#[cfg(unix)]
fn names_that_a_zip_would_change_are_refused() {
    for name in ["a\\b.js", "public/12:30.js"] {
        let app = tempfile::tempdir().unwrap();
        write_app(app.path(), r#"{ "main": "index.js" }"#);
        write(app.path(), name, "");
        let said = refused(app.path(), &["package"]);
        assert!(said.contains(&format!("{name} has a name that no zip can hold")), "{said}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn says_what_to_do_about_names_and_links_that_cannot_be_packed() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "main": "index.js" }"#);
    let name = app.path().join(OsStr::from_bytes(b"caf\xe9.txt"));
    fs::write(&name, "").unwrap();
    let said = refused(app.path(), &["package", "--no-build"]);
    assert!(said.contains(".txt is not UTF-8, which no zip can hold: rename the file, or remove it"), "{said}");
    fs::remove_file(&name).unwrap();
    std::os::unix::fs::symlink(app.path(), app.path().join("again")).unwrap();
    let said = refused(app.path(), &["package", "--no-build"]);
    assert!(said.contains("again leads to a folder that contains it: remove it, or leave it out by a line"), "{said}");
    write(app.path(), ".funcignore", "/again\n");
    packed(app.path());
}

#[test]
#[cfg_attr(not(unix), ignore = "it needs mkfifo")]
fn what_is_no_file_is_named_and_left_out() {
    let app = tempfile::tempdir().unwrap();
    write_app(app.path(), r#"{ "main": "index.js" }"#);
    assert!(Command::new("mkfifo").arg(app.path().join("pipe")).status().unwrap().success());
    for scripts in ["{}", r#"{ "prepare": "true" }"#] {
        write(app.path(), "package.json", &format!(r#"{{ "main": "index.js", "scripts": {scripts} }}"#));
        let mut package = command(app.path());
        let output = package.args(["package", "-o", "app.zip"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("pipe is neither a file nor a folder"), "{said}");
        assert_eq!(names(&unpack(&app.path().join("app.zip")).1), ["host.json", "index.js", "package.json"]);
    }
}
