//! Whatever ends the command: it leaves no process and no temporary folder behind, and nothing unfinished.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod command;
mod waiting;

use command::command;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use tempfile::TempDir;
use waiting::{commands_of, runs, wait_until};

/// A program that begins to change the app, starts another program and never ends. If `DEAF` is set, SIGTERM does not
/// end them. As npm, it packs if `PACKS` is set.
const ENDLESS: &str = r#"#!/bin/sh
if [ "$PACKS" ] && [ "$1" = pack ]; then
    for folder; do :; done
    echo > "$folder/bluecrab.tgz"; echo bluecrab.tgz; exit
fi
if [ -f host.json ] && [ "${0##*/}" = npm ]; then echo half > package-lock.json; mkdir -p node_modules/half; fi
if [ "$DEAF" ]; then trap '' TERM; fi
sleep 600 &
if [ "$DEAF" ]; then trap 'echo > "$STARTED.told"' TERM; fi
echo $$ $! > "$STARTED.new"; mv "$STARTED.new" "$STARTED"
while kill -0 $!; do wait; done
"#;
const CALLABLE: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "bluecrab_alloc") (param i32) (result i32) (i32.const 0))
  (func (export "run") (param i32 i32 i32 i32) (result i32) (i32.const 0))
  (@custom "bluecrab.functions.v1" "{\"name\":\"echo\",\"export\":\"run\",\"trigger\":{\"type\":\"callable\"}}"))"#;

/// The verbs, each with a program that it runs for this app.
const VERBS: [(&str, &[&str]); 8] = [
    ("npm", &["new", "hello"]),
    ("npm", &["add", "sums"]),
    ("npm", &["build"]),
    ("npm", &["package", "--no-build"]),
    ("npm", &["dev", "--port", "0"]),
    ("cargo", &["types", "other/crate"]),
    ("cargo", &["openapi", "other/crate"]),
    ("cargo", &["doctor", "other/crate"]),
];

/// An app, and programs that never end.
struct Setup {
    folder: TempDir,
    programs: TempDir,
}

/// A running command and the programs that it has started. It ends with the test.
struct Running {
    command: Option<Child>,
    programs: Vec<i32>,
}

impl Setup {
    fn new() -> Self {
        let setup = Self { folder: tempfile::tempdir().unwrap(), programs: tempfile::tempdir().unwrap() };
        let write = |file: &str, bytes: &[u8]| fs::write(setup.app().join(file), bytes).unwrap();
        fs::create_dir_all(setup.app().join("other/crate")).unwrap();
        fs::create_dir(setup.folder.path().join("temporary")).unwrap();
        for folder in [".", "other/crate"] {
            write(&format!("{folder}/host.json"), br#"{ "version": "2.0" }"#);
        }
        let package = r#""main": "index.js", "dependencies": { "ms": "2.1.3" }, "bluecrab": { "build": ["cargo -V"] }"#;
        write("package.json", format!("{{ {package} }}").as_bytes());
        write("index.js", b"");
        write("program.wasm", b"");
        write(".funcignore", b"*.md\n");
        write("other/crate/package.json", b"{}");
        write("other/crate/Cargo.toml", b"");
        setup
    }

    fn app(&self) -> PathBuf {
        self.folder.path().join("app")
    }

    /// Runs the command until a program runs that never ends.
    fn start(&self, program: &str, arguments: &[&str], variables: &[&str]) -> Running {
        let (script, started) = (self.programs.path().join(program), self.programs.path().join("started"));
        for entry in fs::read_dir(self.programs.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        fs::write(&script, ENDLESS).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", self.programs.path().display(), std::env::var("PATH").unwrap());
        let mut command = command(&self.app());
        command.args(arguments).env("PATH", path).env("TMPDIR", self.folder.path().join("temporary"));
        command.env("STARTED", &started).envs(variables.iter().map(|name| (name, "yes")));
        if program == "cargo" {
            command.env("CARGO", script);
        }
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut running = Running { command: Some(command), programs: Vec::new() };
        wait_until(&format!("{program} starts for {arguments:?}"), || started.exists());
        let programs = fs::read_to_string(&started).unwrap();
        running.programs.extend(programs.split_whitespace().map(|id| id.parse::<i32>().unwrap()));
        running
    }

    /// All files and folders, with the contents of the files.
    fn files(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = entry.path();
                found.insert(path.clone(), fs::read(&path).ok());
                folders.extend(Some(path).filter(|path| path.is_dir()));
            }
        }
        found
    }
}

impl Running {
    /// Sends a signal to the command only.
    fn send(&self, signal: Signal) {
        let id = self.command.as_ref().unwrap().id();
        kill(Pid::from_raw(id.cast_signed()), signal).unwrap();
    }

    /// Waits until the command has started this command as a program.
    fn wait_for_commands(&mut self) {
        let id = self.command.as_ref().unwrap().id();
        wait_until("another process starts", || !commands_of(id).is_empty());
        self.programs = commands_of(id);
    }

    /// Waits until the command and its programs have ended.
    fn end(mut self) -> Output {
        let output = self.command.take().unwrap().wait_with_output().unwrap();
        wait_until("the programs end", || !self.programs.iter().any(|program| runs(*program)));
        output
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(command) = &mut self.command {
            drop(command.kill());
            drop(command.wait());
        }
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_signal_leaves_everything_as_it_was() {
    let setup = Setup::new();
    let before = setup.files();
    for (program, arguments) in VERBS {
        for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
            let running = setup.start(program, arguments, &["PACKS"][usize::from(arguments[0] != "add")..]);
            running.send(signal);
            let output = running.end();
            let is_serving = arguments[0] == "dev";
            let code = if is_serving { 0 } else { code };
            assert_eq!(output.status.code(), Some(code), "{arguments:?}, {signal}: {}", said(&output));
            assert!(is_serving || said(&output).ends_with("error: interrupted\n"), "{arguments:?}: {}", said(&output));
            assert_eq!(setup.files(), before, "{arguments:?}, {signal}");
        }
    }
}

#[test]
fn programs_that_ignore_the_signal_are_killed() {
    let setup = Setup::new();
    let before = setup.files();
    let running = setup.start("npm", &["package", "--no-build"], &["DEAF"]);
    // `timeout` sends the signal to the command, and then once more to its group.
    running.send(Signal::SIGTERM);
    running.send(Signal::SIGTERM);
    let output = running.end();
    assert_eq!((output.status.code(), setup.files()), (Some(143), before), "{}", said(&output));
}

#[test]
fn a_second_ctrl_c_ends_the_command_at_once() {
    let setup = Setup::new();
    let running = setup.start("npm", &["package", "--no-build"], &["DEAF"]);
    running.send(Signal::SIGINT);
    wait_until("the program is told", || setup.programs.path().join("started.told").exists());
    running.send(Signal::SIGINT);
    let output = running.end();
    assert_eq!(output.status.code(), Some(130));
    assert!(!said(&output).contains("interrupted"), "it has not waited: {}", said(&output));
}

#[test]
fn programs_end_with_a_command_that_is_killed() {
    let setup = Setup::new();
    for (program, arguments) in VERBS {
        let running = setup.start(program, arguments, &[]);
        running.send(Signal::SIGKILL);
        assert_eq!(running.end().status.signal(), Some(9));
    }
}

#[test]
fn what_makes_no_files_ends_at_once_and_with_its_programs() {
    let setup = Setup::new();
    fs::write(setup.app().join("echo.wasm"), wat::parse_str(CALLABLE).unwrap()).unwrap();
    let running = setup.start("node", &["invoke", "echo", "--data", "1", "--port", "1"], &[]);
    running.send(Signal::SIGTERM);
    assert_eq!(running.end().status.signal(), Some(15));

    let sound = include_str!("../../bluecrab-check/tests/sound.wat");
    let endless = "(func (export \"_initialize\") (loop $ever (br $ever))) (func (export \"panic\")";
    let module = wat::parse_str(sound.replace("(func (export \"panic\")", endless)).unwrap();
    fs::write(setup.app().join("endless.wasm"), module).unwrap();
    let mut check = command(&setup.app());
    check.args(["check", "endless.wasm", "--timeout", "600"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = Running { command: Some(check.spawn().unwrap()), programs: Vec::new() };
    running.wait_for_commands();
    running.send(Signal::SIGTERM);
    assert_eq!(running.end().status.signal(), Some(15));
}

#[test]
fn hosts_and_workers_end_with_a_benchmark() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps/bench");
    for (signal, code) in [(Signal::SIGTERM, Some(143)), (Signal::SIGINT, Some(130)), (Signal::SIGKILL, None)] {
        let folder = tempfile::tempdir().unwrap();
        let (scenario, workers) = (folder.path().join("scenario.toml"), folder.path().join("workers"));
        let functions = "[[functions]]\nname = \"one\"\nbaseline = true\n[[functions]]\nname = \"same\"";
        fs::write(
            &scenario,
            format!("cold_starts = 0\nwarm_up = 600\napps = {{ bench = '{}' }}\n{functions}", app.display()),
        )
        .unwrap();
        let mut bench = command(folder.path());
        bench.args(["bench", "scenario.toml"]).env("BENCH_WORKERS", &workers).stderr(Stdio::piped());
        let bench = bench.stdout(Stdio::null()).spawn().unwrap();
        let mut running = Running { command: Some(bench), programs: Vec::new() };
        wait_until("a worker starts", || workers.exists());
        running.wait_for_commands();
        running.send(signal);
        let output = running.end();
        assert_eq!(output.status.code(), code, "{signal}: {}", said(&output));
        let workers = || fs::read_to_string(&workers).unwrap();
        wait_until("the workers end", || !workers().lines().any(|worker| runs(worker.parse().unwrap())));
    }
}

/// `script` gives the command a terminal; on macOS it has other options. `timeout` ends what waits for an answer.
#[test]
#[cfg(target_os = "linux")]
fn a_program_that_asks_in_the_terminal_fails() {
    let setup = Setup::new();
    let cargo = setup.programs.path().join("cargo");
    fs::write(&cargo, "#!/bin/sh\nread -r password < /dev/tty || echo it cannot ask >&2\nexit 1\n").unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let mut script = std::process::Command::new("timeout");
    script.args([
        "60",
        "script",
        "-qec",
        concat!("'", env!("CARGO_BIN_EXE_bluecrab"), "' types other/crate"),
        "/dev/null",
    ]);
    script.current_dir(setup.app()).env("CARGO", cargo).stdin(Stdio::null());
    let output = script.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("it cannot ask"), "{printed}");
}
