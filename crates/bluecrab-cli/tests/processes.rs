//! No process of an app remains when `bluecrab dev` or its worker ends, Ctrl-C leaves nothing unfinished behind, and
//! `bluecrab check` survives its interpreter.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod command;
mod dev_server;

use command::command;
use dev_server::{Dev, post, runs};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A time limit that suffices for any start and end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes an app whose worker starts a process that ignores every signal it can.
fn app_with_a_child() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
    write("host.json", r#"{ "version": "2.0" }"#);
    write("package.json", r#"{ "main": "index.js" }"#);
    write("child.sh", "trap '' HUP INT TERM; echo $$ > child.new; mv child.new child; while :; do sleep 1; done");
    write(
        "index.js",
        "const { app } = require('@azure/functions');
        const { spawn } = require('node:child_process');
        const { writeFileSync } = require('node:fs');
        spawn('sh', ['child.sh'], { stdio: 'inherit' });
        app.http('pid', { handler: () => ({ body: String(process.pid) }) });
        app.http('busy', { handler: () => { writeFileSync('busy', ''); for (;;); } });",
    );
    folder
}

fn serve(app: &Path, before: &str) -> Dev {
    let program = command(app);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{before} exec \"$0\" \"$@\"")]).arg(program.get_program()).current_dir(app);
    shell.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    Dev::start(shell, &["--no-build"])
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "{what}: not in time");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Returns the ids of the worker process and of the process that it has started.
fn processes(app: &Path, dev: &Dev) -> [i32; 2] {
    let (status, worker) = dev.post("/api/pid", "");
    assert_eq!(status, 200, "{worker}");
    wait_until("the worker's child", || app.join("child").exists());
    [worker, fs::read_to_string(app.join("child")).unwrap()].map(|number| number.trim().parse().unwrap())
}

fn send(process: u32, signal: Signal) {
    kill(Pid::from_raw(process.cast_signed()), signal).unwrap();
}

/// Blocks the worker's event loop permanently.
fn keep_busy(app: &Path, dev: &Dev) {
    let port = dev.port;
    std::thread::spawn(move || std::panic::catch_unwind(|| post(port, "/api/busy", "")));
    wait_until("the worker is busy", || app.join("busy").exists());
}

#[test]
fn no_process_remains_after_the_host_is_told_to_end() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let app = app_with_a_child();
        let mut dev = serve(app.path(), "");
        let processes = processes(app.path(), &dev);
        send(dev.process_id(), signal);
        assert_eq!(dev.wait(), Some(0), "{signal}");
        // A killed process ends when it next gets a processor.
        wait_until(&format!("all processes end after {signal}"), || processes.map(runs) == [false, false]);
    }
}

#[test]
fn no_process_remains_after_two_signals_while_the_worker_is_busy() {
    let app = app_with_a_child();
    let mut dev = serve(app.path(), "");
    let processes = processes(app.path(), &dev);
    keep_busy(app.path(), &dev);
    send(dev.process_id(), Signal::SIGHUP);
    dev.wait_for("[host] stopping: ");
    send(dev.process_id(), Signal::SIGHUP);
    assert_eq!(dev.wait(), Some(0));
    wait_until("all processes end", || processes.map(runs) == [false, false]);
}

#[test]
fn no_process_remains_after_the_host_is_killed_while_the_worker_is_busy() {
    let app = app_with_a_child();
    let mut dev = serve(app.path(), "");
    let processes = processes(app.path(), &dev);
    keep_busy(app.path(), &dev);
    send(dev.process_id(), Signal::SIGKILL);
    assert_eq!(dev.wait(), None);
    wait_until("all processes end", || processes.map(runs) == [false, false]);
}

#[test]
fn processes_of_a_worker_end_with_it() {
    let app = app_with_a_child();
    let dev = serve(app.path(), "");
    let [worker, child] = processes(app.path(), &dev);
    send(worker.cast_unsigned(), Signal::SIGKILL);
    wait_until("the child of the worker ends", || !runs(child));
    assert_eq!(dev.post("/api/pid", "").0, 200);
}

#[test]
fn a_host_started_with_nohup_ignores_sighup() {
    let app = app_with_a_child();
    let dev = serve(app.path(), "trap '' HUP;");
    send(dev.process_id(), Signal::SIGHUP);
    // If the signal had ended the host, it would not answer this connection.
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(dev.post("/api/pid", "").0, 200);
}

/// Runs a command whose npm never ends, and presses Ctrl-C while npm runs. Returns what it printed.
fn interrupt_during_npm(folder: &Path, arguments: &[&str]) -> String {
    let programs = tempfile::tempdir().unwrap();
    let (npm, started) = (programs.path().join("npm"), programs.path().join("started"));
    fs::write(&npm, format!("#!/bin/sh\necho > '{}'\nexec sleep 600\n", started.display())).unwrap();
    fs::set_permissions(&npm, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    let mut command = command(folder);
    command.args(arguments).env("PATH", path).env("TMPDIR", folder.join("temporary"));
    // A terminal sends Ctrl-C to the whole process group.
    let command = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("npm starts", || started.exists());
    kill(Pid::from_raw(-command.id().cast_signed()), Signal::SIGINT).unwrap();
    let output = command.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// All files below a folder, with their contents.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.extend([(path.clone(), fs::read(path).unwrap())])
        };
    }
    found
}

#[test]
fn ctrl_c_leaves_nothing_unfinished_behind() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
    fs::create_dir(folder.path().join("temporary")).unwrap();
    write("host.json", r#"{ "version": "2.0" }"#);
    let package = r#"{ "main": "index.js", "dependencies": { "ms": "2.1.3" }, "bluecrab": { "build": ["cargo -V"] } }"#;
    write("package.json", package);
    write("index.js", "");
    write(".funcignore", "*.md\n");
    let before = files(folder.path());
    for arguments in [&["new", "hello"][..], &["add", "sums"], &["build"], &["package"]] {
        assert!(interrupt_during_npm(folder.path(), arguments).ends_with("error: interrupted\n"), "{arguments:?}");
        assert_eq!(files(folder.path()), before, "{arguments:?}");
    }
}

#[test]
fn a_fault_of_the_interpreter_does_not_look_like_a_fault_of_the_module() {
    let folder = tempfile::tempdir().unwrap();
    let sound = include_str!("../../bluecrab-check/tests/sound.wat");
    let endless = "(func (export \"_initialize\") (loop $ever (br $ever))) (func (export \"panic\")";
    let module = wat::parse_str(sound.replace("(func (export \"panic\")", endless)).unwrap();
    fs::write(folder.path().join("endless.wasm"), module).unwrap();
    let mut check = command(folder.path());
    check.args(["check", "endless.wasm", "--timeout", "600"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let check = check.spawn().unwrap();
    let child = || Command::new("pgrep").args(["-P", &check.id().to_string()]).output().unwrap().stdout;
    wait_until("the check starts a process", || !child().is_empty());
    let child: i32 = String::from_utf8(child()).unwrap().trim().parse().unwrap();
    kill(Pid::from_raw(child), Signal::SIGABRT).unwrap();
    let output = check.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("error: the interpreter that runs endless.wasm for the check has failed (signal: 6"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1));
}
