//! The bindings of components: when `build`, `dev` and `package` make them. `cargo xtask test --only guests` makes them
//! with the real jco.

use crate::archive::unpack;
use crate::command::command;
use crate::dev_server::Dev;
use crate::files::{read_all, write, write_app};
use crate::refusal::reason;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Writes a line for each call, and returns the files of a transpilation.
const JCO: &str = "
import { appendFileSync } from 'node:fs';
export async function transpile(component, options) {
  appendFileSync(process.env.JCO_CALLS, JSON.stringify(options) + '\\n');
  const files = ['component.js', 'component.core.wasm', 'interfaces/wasi-cli.d.ts'];
  return { files: Object.fromEntries(files.map((file) => [file, Buffer.from(file)])) };
}";

/// Two functions as jco writes them, which copy a list of strings and a list of bytes out of a component's memory.
const TRAMPOLINES: &str = "
const TEXT_DECODER_UTF8 = new TextDecoder();
const memory0 = { buffer: new ArrayBuffer(1 << 20) };
const dataView = ({ buffer }) => new DataView(buffer);
const _trampoline7 = function(arg0, arg1) {
  var len3 = arg1;
  var base3 = arg0;
  var result3 = [];
  for (let i = 0; i < len3; i++) {
    const base = base3 + i * 8;
    var ptr1 = dataView(memory0).getUint32(base % 8, true);
    var len1 = 1000;
    var result1 = TEXT_DECODER_UTF8.decode(new Uint8Array(memory0.buffer, ptr1, len1));
    result3.push(result1);
  }
  return result3;
}
const _trampoline8 = function(arg0, arg1) {
  var ptr3 = arg0;
  var len3 = arg1;
  var result3 = new Uint8Array(memory0.buffer.slice(ptr3, ptr3 + len3 * 2));
  return result3;
}
export { _trampoline7 as strings, _trampoline8 as bytes };
";

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

    /// The hidden files and folders of the app.
    fn hidden(&self) -> Vec<String> {
        let entries = fs::read_dir(self.app.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with('.')).collect()
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
fn several_builds_at_once_make_bindings_and_leave_nothing_else() {
    let setup = Setup::new();
    for import in ["wasi:cli/exit@0.2.3", "wasi:io/poll@0.2.3"] {
        setup.write_component(import);
        let builds: Vec<_> =
            (0..8).map(|_| setup.command(&["build"]).stderr(Stdio::piped()).spawn().unwrap()).collect();
        for build in builds {
            let output = build.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(names(&setup.path("rows.jco")), ["component.core.wasm", "component.js", "package.json"]);
        assert_eq!(setup.hidden(), Vec::<String>::new());
    }
}

/// A process that was killed left its folder behind. Later builds do not use it.
#[test]
fn a_build_that_was_killed_disturbs_no_other() {
    let setup = Setup::new();
    let jco = "bluecrab/jco-transpile-0.15.0/node_modules/@bytecodealliance/jco-transpile/index.js";
    let endless = r"
        import { appendFileSync } from 'node:fs';
        export function transpile() {
          appendFileSync(process.env.JCO_CALLS, 'called\n');
          setTimeout(process.exit, 60_000);
          return new Promise(() => {});
        }";
    write(setup.cache.path(), jco, endless);
    let mut killed = setup.command(&["build"]).spawn().unwrap();
    while setup.calls() == 0 {
        assert_eq!(killed.try_wait().unwrap(), None);
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(setup.hidden().len(), 1);
    write(setup.cache.path(), jco, JCO);
    setup.printed(&["package", "-o", "app.zip"]);
    let (_, files) = unpack(&setup.path("app.zip"));
    assert!(
        files.contains_key("rows.jco/component.js") && !files.keys().any(|name| name.starts_with('.')),
        "{files:?}"
    );
}

#[test]
fn bindings_limit_what_a_component_passes_to_an_import() {
    let setup = Setup::new();
    let jco = format!(
        "export const transpile = () => ({{ files: {{ 'component.js': Buffer.from({}) }} }});",
        serde_json::json!(TRAMPOLINES)
    );
    write(
        setup.cache.path(),
        "bluecrab/jco-transpile-0.15.0/node_modules/@bytecodealliance/jco-transpile/index.js",
        &jco,
    );
    setup.printed(&["build"]);
    let attempts = "
        import { bytes, strings } from './rows.jco/component.js';
        for (const [passes, length] of [[strings, 10_000], [strings, 1e8], [strings, 15_000], [bytes, 1e5], [bytes, 1e7], [bytes, -2]]) {
            try {
                console.log(passes(0, length).length);
            } catch ({ message }) {
                console.log(message);
            }
        }";
    let output = Command::new("node")
        .args(["--input-type=module", "--eval", attempts])
        .current_dir(setup.app.path())
        .output()
        .unwrap();
    let refused = "it passes more than 16777216 bytes to one call of an import; an element of a list counts as 256";
    let expected = ["10000", refused, refused, "200000", refused, refused].join("\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{}", String::from_utf8_lossy(&output.stderr));
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
