//! The bindings of components: when `build`, `dev` and `package` make them. `cargo xtask test --only guests` makes them
//! with the real jco.

use crate::archive::unpack;
use crate::command::command;
use crate::dev_server::Dev;
use crate::files::{read_all, write, write_app};
use crate::refusal::reason;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Writes a line for each call, and returns the files of a transpilation.
const JCO: &str = "
import { appendFileSync } from 'node:fs';
export async function transpile(component, options) {
  appendFileSync(process.env.JCO_CALLS, JSON.stringify(options) + '\\n');
  const files = ['component.js', 'component.core.wasm', 'interfaces/wasi-cli.d.ts'];
  return { files: Object.fromEntries(files.map((file) => [file, Buffer.from(file)])) };
}";

/// An app with a component, and the user's cache with a jco.
struct Setup {
    app: TempDir,
    cache: TempDir,
}

impl Setup {
    fn new() -> Self {
        let (app, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write_app(app.path(), r#"{ "main": "index.js" }"#);
        // The local host starts no app without functions.
        write(app.path(), "index.js", "require('@azure/functions').app.http('one', { handler: () => ({}) });");
        let jco = cache.path().join("bluecrab/jco-transpile-0.15.0/node_modules/@bytecodealliance/jco-transpile");
        write(&jco, "package.json", r#"{ "type": "module", "exports": "./index.js" }"#);
        write(&jco, "index.js", JCO);
        let setup = Self { app, cache };
        setup.write_component("wasi:cli/exit@0.2.3");
        setup
    }

    fn write_component(&self, import: &str) {
        let text = format!(
            r#"(component
                (import "{import}" (instance))
                (instance $handler)
                (export "wasi:http/incoming-handler@0.2.3" (instance $handler)))"#
        );
        fs::write(self.path("rows.wasm"), wat::parse_str(text).unwrap()).unwrap();
    }

    fn path(&self, file: &str) -> std::path::PathBuf {
        self.app.path().join(file)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.app.path());
        command.args(arguments).env("XDG_CACHE_HOME", self.cache.path()).env("JCO_CALLS", self.calls_file());
        command.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
        command
    }

    fn printed(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn calls_file(&self) -> std::path::PathBuf {
        self.cache.path().join("calls")
    }

    /// The number of bindings that jco has made.
    fn calls(&self) -> usize {
        fs::read_to_string(self.calls_file()).map_or(0, |calls| calls.lines().count())
    }
}

fn names(folder: &Path) -> Vec<String> {
    read_all(folder).into_keys().collect()
}

#[test]
fn build_makes_the_bindings_of_a_component_once_for_each_version() {
    let setup = Setup::new();
    let printed = setup.printed(&["build"]);
    assert!(printed.contains("rows.wasm, ") && printed.contains("and its bindings, rows.jco"), "{printed}");
    assert_eq!(names(&setup.path("rows.jco")), ["component.core.wasm", "component.js", "package.json"]);
    let package = fs::read_to_string(setup.path("rows.jco/package.json")).unwrap();
    assert!(package.contains(r#""type":"module""#) && package.contains(r#""imports":["wasi:cli/exit"]"#), "{package}");
    let options = fs::read_to_string(setup.calls_file()).unwrap();
    assert!(options.contains(r#""instantiation":"sync""#), "{options}");

    setup.printed(&["build"]);
    assert_eq!(setup.calls(), 1);
    setup.write_component("wasi:io/poll@0.2.3");
    setup.printed(&["build"]);
    assert_eq!(setup.calls(), 2);
    let dev = Dev::start(setup.command(&[]), &[]);
    drop(dev);
    assert_eq!(setup.calls(), 2);
}

#[test]
fn dev_makes_missing_bindings() {
    let setup = Setup::new();
    let _dev = Dev::start(setup.command(&[]), &[]);
    assert!(setup.path("rows.jco/component.js").is_file());
}

#[test]
fn a_package_has_the_bindings_without_the_component() {
    let setup = Setup::new();
    let refused = ["package", "--no-build", "-o", "app.zip"];
    let said = reason(setup.command(&refused).output().unwrap(), &refused);
    assert!(said.contains("rows.wasm has no bindings of its current version: remove --no-build"), "{said}");
    setup.printed(&["package", "-o", "app.zip"]);
    let (_, files) = unpack(&setup.path("app.zip"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "host.json",
            "index.js",
            "package.json",
            "rows.jco/component.core.wasm",
            "rows.jco/component.js",
            "rows.jco/package.json"
        ]
    );
}

#[test]
fn a_component_that_jco_refuses_is_named() {
    let setup = Setup::new();
    let jco = "bluecrab/jco-transpile-0.15.0/node_modules/@bytecodealliance/jco-transpile/index.js";
    write(setup.cache.path(), jco, "export const transpile = () => { throw new Error('not today'); };");
    let said = reason(setup.command(&["build"]).output().unwrap(), &["build"]);
    assert!(said.contains("not today") && said.contains("jco could not make bindings of"), "{said}");
    assert!(!setup.path("rows.jco").exists());
}
