//! What is left of an app's processes when `bluecrab dev` or its worker ends: nothing.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod command;
mod dev_server;

use command::command;
use dev_server::{Dev, post};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than any start or end takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// An app whose worker starts a process that ignores every signal that can be ignored.
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

/// Whether a process runs; one that has ended stays in the system's table until somebody asks for its exit code.
fn runs(process: i32) -> bool {
    let state = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output().unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    !matches!(state.trim().chars().next(), None | Some('Z'))
}

/// The numbers of the worker's process and of the one that it has started.
fn processes(app: &Path, dev: &Dev) -> [i32; 2] {
    let (status, worker) = dev.post("/api/pid", "");
    assert_eq!(status, 200, "{worker}");
    wait_until("the worker's child", || app.join("child").exists());
    [worker, fs::read_to_string(app.join("child")).unwrap()].map(|number| number.trim().parse().unwrap())
}

fn send(process: u32, signal: Signal) {
    kill(Pid::from_raw(process.cast_signed()), signal).unwrap();
}

/// Keeps the worker's event loop busy for good.
fn keep_busy(app: &Path, dev: &Dev) {
    let port = dev.port;
    std::thread::spawn(move || std::panic::catch_unwind(|| post(port, "/api/busy", "")));
    wait_until("the worker is busy", || app.join("busy").exists());
}

#[test]
fn nothing_is_left_when_the_host_is_told_to_end() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let app = app_with_a_child();
        let mut dev = serve(app.path(), "");
        let processes = processes(app.path(), &dev);
        send(dev.process_id(), signal);
        assert_eq!(dev.wait(), Some(0), "{signal}");
        assert_eq!(processes.map(runs), [false, false], "{signal}");
    }
}

#[test]
fn nothing_is_left_when_the_host_is_told_twice_while_its_worker_is_busy() {
    let app = app_with_a_child();
    let mut dev = serve(app.path(), "");
    let processes = processes(app.path(), &dev);
    keep_busy(app.path(), &dev);
    send(dev.process_id(), Signal::SIGHUP);
    dev.wait_for("Ending: ");
    send(dev.process_id(), Signal::SIGHUP);
    assert_eq!(dev.wait(), Some(0));
    wait_until("all processes end", || processes.map(runs) == [false, false]);
}

#[test]
fn nothing_is_left_when_the_host_is_killed_while_its_worker_is_busy() {
    let app = app_with_a_child();
    let mut dev = serve(app.path(), "");
    let processes = processes(app.path(), &dev);
    keep_busy(app.path(), &dev);
    send(dev.process_id(), Signal::SIGKILL);
    assert_eq!(dev.wait(), None);
    wait_until("all processes end", || processes.map(runs) == [false, false]);
}

#[test]
fn what_a_worker_has_started_ends_with_it() {
    let app = app_with_a_child();
    let dev = serve(app.path(), "");
    let [worker, child] = processes(app.path(), &dev);
    send(worker.cast_unsigned(), Signal::SIGKILL);
    wait_until("the child of the worker ends", || !runs(child));
    assert_eq!(dev.post("/api/pid", "").0, 200);
}

#[test]
fn a_host_that_is_to_outlive_its_terminal_does() {
    let app = app_with_a_child();
    let dev = serve(app.path(), "trap '' HUP;");
    send(dev.process_id(), Signal::SIGHUP);
    // A signal that ended it would come before this connection is answered.
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(dev.post("/api/pid", "").0, 200);
}
