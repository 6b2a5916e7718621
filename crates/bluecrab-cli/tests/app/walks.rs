//! Takes a new function to a served package, with the real npm, pnpm, Yarn and Bun. They install packages from the npm
//! registry: `cargo xtask test --only managers` runs them.

use crate::archive::unpack;
use crate::command::command;
use crate::dev_server::Dev;
use crate::files::{write, write_app};
use crate::new_app::STATISTICS;
use crate::refusal::reason;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const AZURE: &str = r#""dependencies": { "@azure/functions": "^4.0.0" }"#;

/// A package manager in a folder of its own.
struct Manager {
    name: &'static str,
    /// The package manager's npm package.
    package: &'static str,
    path: OsString,
    _programs: TempDir,
}

impl Manager {
    fn install(name: &'static str, package: &'static str) -> Self {
        let programs = tempfile::tempdir().unwrap();
        let mut install = Command::new("npm");
        install.args(["install", "--no-audit", "--no-fund", "--loglevel=error", package, "--prefix"]);
        assert!(install.arg(programs.path()).status().unwrap().success(), "{package}");
        let bin = programs.path().join("node_modules/.bin");
        let path = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<_>>();
        let path = std::env::join_paths(std::iter::once(bin).chain(path)).unwrap();
        Self { name, package, path, _programs: programs }
    }

    /// Runs the package manager, which must succeed.
    fn run(&self, folder: &Path, arguments: &[&str]) {
        let mut command = Command::new(self.name);
        command.args(arguments).env("PATH", &self.path).current_dir(folder);
        // In continuous integration, these package managers would refuse to write their first lock file.
        let output = command.env_remove("CI").output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{} {arguments:?}: {}", self.package, String::from_utf8_lossy(&printed));
    }

    fn bluecrab(&self, folder: &Path) -> Command {
        let mut command = command(folder);
        command.env("PATH", &self.path);
        command
    }

    /// Runs `bluecrab`, which must succeed. Returns its notes and warnings.
    fn succeeds(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = self.bluecrab(folder).args(arguments).output().unwrap();
        let printed = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{} {arguments:?}: {printed}", self.package);
        printed
    }

    /// Serves the app's folder. Then packs it, serves the unpacked package, and returns the package's files.
    fn serves_and_packs(&self, app: &Path) -> BTreeMap<String, Vec<u8>> {
        self.serves(app, &["--build"]);
        self.packs(app)
    }

    fn packs(&self, app: &Path) -> BTreeMap<String, Vec<u8>> {
        let printed = self.succeeds(app, &["package", "-o", "app.zip"]);
        assert!(!printed.contains("has no lock file"), "{}: {printed}", self.package);
        let (unpacked, files) = unpack(&app.join("app.zip"));
        self.serves(unpacked.path(), &["--no-build"]);
        files
    }

    fn serves(&self, app: &Path, arguments: &[&str]) {
        let dev = Dev::start(self.bluecrab(app), arguments);
        assert_eq!(dev.post("/api/statistics", "[1, 2, 3]"), (200, STATISTICS.to_owned()), "{}", self.package);
    }
}

#[test]
#[ignore = "installs package managers from the npm registry: cargo xtask test --only managers"]
fn every_package_manager_works_from_add_to_package() {
    for (name, package, lock) in [
        ("npm", "npm@11", "package-lock.json"),
        ("pnpm", "pnpm@10", "pnpm-lock.yaml"),
        ("yarn", "yarn@1", "yarn.lock"),
        ("yarn", "@yarnpkg/cli-dist@4", "yarn.lock"),
        ("bun", "bun@1", "bun.lock"),
    ] {
        let (manager, app) = (Manager::install(name, package), tempfile::tempdir().unwrap());
        let script = r#""scripts": { "postinstall": "node make.js" }"#;
        let needs = r#""dependencies": { "@azure/functions": "^4.0.0", "is-odd": "3.0.0" }, "devDependencies": { "left-pad": "1.3.0" }"#;
        write_app(
            app.path(),
            &format!(r#"{{ "name": "shop", "version": "1.0.0", "main": "index.js", {script}, {needs} }}"#),
        );
        write(
            app.path(),
            "make.js",
            "require('left-pad');\nrequire('fs').mkdirSync('node_modules/.made', { recursive: true });\nrequire('fs').writeFileSync('node_modules/.made/index.js', '');",
        );
        write(app.path(), "index.js", "require('is-odd');\nrequire('bluecrab').registerModule('sums.wasm');");
        write(app.path(), ".yarnrc.yml", "nodeLinker: node-modules\n");
        manager.run(app.path(), &["install"]);
        assert!(app.path().join(lock).is_file(), "{package}");
        manager.succeeds(app.path(), &["add", "sums"]);
        let files = manager.serves_and_packs(app.path());
        assert!(
            files.contains_key("node_modules/is-odd/index.js") && files.contains_key("node_modules/.made/index.js")
        );
        assert!(name == "bun" || !files.contains_key("node_modules/left-pad/index.js"), "{package}");
        assert_eq!(app.path().join("package-lock.json").exists(), name == "npm");
    }
}

/// Yarn's own layout cannot be served, but the package has `node_modules`.
#[test]
#[ignore = "installs package managers from the npm registry: cargo xtask test --only managers"]
fn an_app_with_plug_and_play_is_refused_by_dev_and_packed() {
    let (yarn, app) = (Manager::install("yarn", "@yarnpkg/cli-dist@4"), tempfile::tempdir().unwrap());
    write_app(app.path(), &format!(r#"{{ "name": "shop", "version": "1.0.0", "main": "index.js", {AZURE} }}"#));
    write(app.path(), "index.js", "require('bluecrab').registerModule('sums.wasm');");
    write(app.path(), "yarn.lock", "");
    yarn.run(app.path(), &["install"]);
    yarn.succeeds(app.path(), &["add", "sums"]);
    assert!(app.path().join(".pnp.cjs").is_file());
    let arguments = ["dev", "--port", "0"];
    let said = reason(yarn.bluecrab(app.path()).args(arguments).output().unwrap(), &arguments);
    assert!(said.contains("Plug'n'Play"), "{said}");
    yarn.packs(app.path());
    write(app.path(), ".yarnrc.yml", "nodeLinker: node-modules\n");
    yarn.run(app.path(), &["install"]);
    yarn.serves(app.path(), &["--build"]);
}

#[test]
#[ignore = "installs package managers from the npm registry: cargo xtask test --only managers"]
fn an_app_in_typescript_is_bundled_with_esbuild_and_packed() {
    let (pnpm, app) = (Manager::install("pnpm", "pnpm@10"), tempfile::tempdir().unwrap());
    let bundle =
        "esbuild src/index.ts --bundle --platform=node --external:@azure/functions-core --outfile=dist/index.js";
    let package = format!(
        r#"{{ "name": "shop", "main": "dist/index.js", "packageManager": "pnpm@10", "scripts": {{ "build": "{bundle}" }},
            {AZURE}, "devDependencies": {{ "esbuild": "^0.28.0" }}, "pnpm": {{ "onlyBuiltDependencies": ["esbuild"] }} }}"#
    );
    write_app(app.path(), &package);
    write(app.path(), "src/index.ts", "import { registerModule } from 'bluecrab';\nregisterModule('sums.wasm');\n");
    pnpm.run(app.path(), &["install"]);
    pnpm.succeeds(app.path(), &["add", "sums"]);
    pnpm.run(app.path(), &["run", "build"]);
    let files = pnpm.serves_and_packs(app.path());
    assert!(files.contains_key("dist/index.js") && files.contains_key("sums.wasm"));
    assert!(!files.keys().any(|file| file.starts_with("node_modules/esbuild/")));
}

/// A folder that is a workspace of cargo and of a package manager, with an app in Rust, and a Node.js app that needs
/// another member.
#[test]
#[ignore = "installs package managers from the npm registry: cargo xtask test --only managers"]
fn the_apps_of_a_monorepo_are_built_served_and_packed() {
    for (name, package, lock) in [
        ("npm", "npm@11", "package-lock.json"),
        ("pnpm", "pnpm@10", "pnpm-lock.yaml"),
        ("yarn", "yarn@1", "yarn.lock"),
        ("yarn", "@yarnpkg/cli-dist@4", "yarn.lock"),
        ("bun", "bun@1", "bun.lock"),
    ] {
        let (manager, root) = (Manager::install(name, package), tempfile::tempdir().unwrap());
        let profile = "[profile.release]\ncodegen-units = 1\nlto = \"fat\"\nstrip = true\n";
        let workspace = |members: &str| format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n{profile}");
        write(root.path(), "Cargo.toml", &workspace(r#""apps/hello""#));
        write(
            root.path(),
            "package.json",
            r#"{ "name": "mono", "private": true, "workspaces": ["apps/*", "libs/*"] }"#,
        );
        if name == "pnpm" {
            write(root.path(), "pnpm-workspace.yaml", "packages: [apps/*, libs/*]\n");
        }
        if name == "yarn" {
            write(root.path(), ".yarnrc.yml", "nodeLinker: node-modules\n");
        }
        let (hello, shop) = (root.path().join("apps/hello"), root.path().join("apps/shop"));
        let development = r#""devDependencies": { "left-pad": "1.3.0" }"#;
        let range = if ["npm@11", "yarn@1"].contains(&package) { "^1.0.0" } else { "workspace:*" };
        let needs = format!(r#""dependencies": {{ "@azure/functions": "^4.0.0", "@mono/prices": "{range}" }}"#);
        let package_json =
            format!(r#"{{ "name": "shop", "version": "1.0.0", "main": "index.js", {needs}, {development} }}"#);
        write_app(&shop, &package_json);
        write(&shop, "index.js", "require('@mono/prices');\nrequire('bluecrab').registerModule('sums.wasm');");
        write_member(&root.path().join("libs/prices"), "");
        manager.succeeds(root.path(), &["new", "apps/hello"]);
        manager.run(root.path(), &["install"]);
        assert!(root.path().join(lock).is_file() && !hello.join(lock).exists(), "{package}");
        write(root.path(), "Cargo.toml", &workspace(r#""apps/hello", "apps/shop/sums""#));
        manager.succeeds(&shop, &["add", "sums"]);
        for app in [&hello, &shop] {
            let files = manager.serves_and_packs(app);
            assert!(files.contains_key("node_modules/bluecrab/package.json"), "{package}");
            assert!(!files.contains_key("node_modules/left-pad/package.json"), "{package}");
            let mut member: Vec<&str> =
                files.keys().filter_map(|file| file.strip_prefix("node_modules/@mono/prices/")).collect();
            member.retain(|file| !file.starts_with("node_modules/"));
            let expected: &[&str] = if app == &shop { &["dist/index.cjs", "package.json"] } else { &[] };
            assert_eq!(member, expected, "{package}");
            assert_eq!(files.keys().any(|file| file.ends_with("node_modules/is-odd/index.js")), app == &shop);
        }
        assert!(root.path().join("Cargo.lock").is_file() && !shop.join("sums/Cargo.lock").exists());
    }
}

/// An app that names a package by its folder, alone and in a workspace. That package needs one of the registry and one
/// of another folder.
#[test]
#[ignore = "installs package managers from the npm registry: cargo xtask test --only managers"]
fn packages_from_folders_are_packed_with_their_packages() {
    for (name, package, starts) in [
        ("npm", "npm@11", &["file:", ""][..]),
        ("pnpm", "pnpm@10", &["file:", "link:"]),
        ("yarn", "yarn@1", &["file:", "link:"]),
        ("yarn", "@yarnpkg/cli-dist@4", &["file:", "link:", "portal:"]),
        ("bun", "bun@1", &["file:", ""]),
    ] {
        let manager = Manager::install(name, package);
        for (start, is_in_workspace) in starts.iter().flat_map(|start| [(start, false), (start, true)]) {
            let case = format!("{package} {start} {is_in_workspace}");
            let root = tempfile::tempdir().unwrap();
            let app = root.path().join("apps/shop");
            if is_in_workspace {
                let workspace = r#"{ "name": "mono", "private": true, "workspaces": ["apps/*"] }"#;
                write(root.path(), "package.json", workspace);
                write(root.path(), "pnpm-workspace.yaml", "packages: [apps/*]\n");
            }
            let project = if is_in_workspace { root.path() } else { &app };
            write(project, ".yarnrc.yml", "nodeLinker: node-modules\n");
            write_member(&root.path().join("libs/prices"), &format!(r#", "tax": "{start}../tax""#));
            write(root.path(), "libs/prices/dist/index.cjs", "module.exports = require('is-odd')(require('tax'));");
            write(root.path(), "libs/tax/package.json", r#"{ "name": "tax", "version": "1.0.0" }"#);
            write(root.path(), "libs/tax/index.js", "module.exports = 21;");
            let needs = format!(r#""dependencies": {{ "@mono/prices": "{start}../../libs/prices" }}"#);
            write_app(&app, &format!(r#"{{ "name": "shop", "version": "1.0.0", "main": "index.js", {needs} }}"#));
            write(&app, "index.js", "console.log(require('@mono/prices'));");
            manager.run(project, &["install"]);
            let printed = manager.succeeds(&app, &["package", "-o", "app.zip"]);
            assert!(!printed.contains("has no lock file"), "{case}: {printed}");
            let (unpacked, files) = unpack(&app.join("app.zip"));
            let output = Command::new("node").arg("index.js").current_dir(unpacked.path()).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), "true\n", "{case}: {files:?}");
            assert!(!files.contains_key("node_modules/@mono/prices/build.js"), "{case}: {files:?}");
        }
    }
}

/// Writes a package that is built and has these dependencies, too. Its scripts need a file that npm would not pack.
fn write_member(folder: &Path, needs: &str) {
    let package = r#"{ "name": "@mono/prices", "version": "1.0.0", "files": ["dist"],
        "scripts": { "prepare": "node build.js", "postinstall": "node build.js" },
        "exports": { "types": "./dist/index.d.ts", "require": "./dist/index.cjs", "default": "./gone.js" },
        "dependencies": { "is-odd": "3.0.0"NEEDS }, "devDependencies": { "left-pad": "1.3.0" } }"#;
    write(folder, "package.json", &package.replace("NEEDS", needs));
    write(folder, "build.js", "");
    write(folder, "dist/index.cjs", "module.exports = require('is-odd');");
}
