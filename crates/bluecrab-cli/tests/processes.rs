//! No process of an app remains when `bluecrab dev` or its worker ends, whether or not somebody reads the output, and
//! `bluecrab check` survives its interpreter.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod command;
mod dev_server;
mod waiting;

use command::command;
use dev_server::{Dev, post};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use waiting::{commands_of, runs, wait_until};

/// The files with the ids of the processes that the worker starts. Only on Linux, a process that leaves the worker's
/// group ends with it too.
const CHILDREN: &[&str] = if cfg!(target_os = "linux") { &["child", "detached"] } else { &["child"] };

/// Makes an app whose worker starts processes that ignore every signal they can.
fn app_with_children() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
    write("host.json", r#"{ "version": "2.0" }"#);
    write("package.json", r#"{ "main": "index.js" }"#);
    write("child.sh", "trap '' HUP INT TERM; echo $$ > $1.new; mv $1.new $1; while :; do sleep 1; done");
    write(
        "index.js",
        "const { app } = require('@azure/functions');
        const { spawn } = require('node:child_process');
        const { writeFileSync } = require('node:fs');
        spawn('sh', ['child.sh', 'child'], { stdio: 'inherit' });
        if (process.platform === 'linux') spawn('sh', ['child.sh', 'detached'], { stdio: 'inherit', detached: true });
        app.http('pid', { handler: () => ({ body: String(process.pid) }) });
        app.http('logs', { handler: (request, context) => {
            for (let line = 0; line < 1000; line++) context.log('x'.repeat(1000));
            return { body: 'logged' };
        } });
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

/// Returns the ids of the worker process and of the processes that it has started.
fn processes(app: &Path, dev: &Dev) -> Vec<i32> {
    let (status, worker) = dev.post("/api/pid", "");
    assert_eq!(status, 200, "{worker}");
    wait_until("the worker's children", || CHILDREN.iter().all(|child| app.join(child).exists()));
    let children = CHILDREN.iter().map(|child| fs::read_to_string(app.join(child)).unwrap());
    children.chain([worker]).map(|number| number.trim().parse().unwrap()).collect()
}

fn wait_until_ended(processes: &[i32]) {
    // A killed process ends when it next gets a processor.
    wait_until("all processes end", || !processes.iter().any(|process| runs(*process)));
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
        let app = app_with_children();
        let mut dev = serve(app.path(), "");
        let processes = processes(app.path(), &dev);
        send(dev.process_id(), signal);
        assert_eq!(dev.wait(), Some(0), "{signal}");
        wait_until_ended(&processes);
    }
}

#[test]
fn no_process_remains_after_two_signals_while_the_worker_is_busy() {
    let app = app_with_children();
    let mut dev = serve(app.path(), "");
    let processes = processes(app.path(), &dev);
    keep_busy(app.path(), &dev);
    send(dev.process_id(), Signal::SIGHUP);
    dev.wait_for("[host] stopping: ");
    send(dev.process_id(), Signal::SIGINT);
    assert_eq!(dev.wait(), Some(130));
    wait_until_ended(&processes);
}

#[test]
fn no_process_remains_after_the_host_is_killed_while_the_worker_is_busy() {
    let app = app_with_children();
    let mut dev = serve(app.path(), "");
    let processes = processes(app.path(), &dev);
    keep_busy(app.path(), &dev);
    send(dev.process_id(), Signal::SIGKILL);
    assert_eq!(dev.wait(), None);
    wait_until_ended(&processes);
}

/// A debugger, a test harness or Ctrl-S may stop reading.
#[test]
fn a_host_whose_output_nobody_reads_serves_and_ends() {
    let app = app_with_children();
    let mut dev = serve(app.path(), "");
    let reading = Arc::clone(&dev.reading);
    let log = |dev: &Dev| assert_eq!(dev.post("/api/logs", ""), (200, "logged".to_owned()));
    let unread = reading.lock().unwrap();
    (0..10).for_each(|_| log(&dev));
    drop(unread);
    let warning = dev.wait_for("[warn] ");
    assert!(warning.ends_with(" lines are missing here, because nobody read the output"), "{warning}");
    let _unread = reading.lock().unwrap();
    log(&dev);
    send(dev.process_id(), Signal::SIGTERM);
    assert_eq!(dev.wait(), Some(0));
}

#[test]
fn processes_of_a_worker_end_with_it() {
    let app = app_with_children();
    let dev = serve(app.path(), "");
    let processes = processes(app.path(), &dev);
    send(processes.last().unwrap().cast_unsigned(), Signal::SIGKILL);
    wait_until_ended(&processes);
    assert_eq!(dev.post("/api/pid", "").0, 200);
}

#[test]
fn a_host_started_with_nohup_ignores_sighup() {
    let app = app_with_children();
    let dev = serve(app.path(), "trap '' HUP;");
    send(dev.process_id(), Signal::SIGHUP);
    // If the signal had ended the host, it would not answer this connection.
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(dev.post("/api/pid", "").0, 200);
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
    wait_until("the check starts a process", || !commands_of(check.id()).is_empty());
    kill(Pid::from_raw(commands_of(check.id())[0]), Signal::SIGABRT).unwrap();
    let output = check.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("error: the interpreter that runs endless.wasm for the check has failed (signal: 6"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1));
}
