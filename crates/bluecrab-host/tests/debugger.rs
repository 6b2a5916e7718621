//! A debugger may hold a worker for longer than any time limit.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod common;
#[path = "common/free_port.rs"]
mod free_port;

use bluecrab_host::{Host, HostOptions};
use common::{PATIENCE, get, options};
use free_port::free_port;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Shorter than each stop at a breakpoint in these tests, and long enough for Node.js to say that it can be debugged.
const LIMIT: Duration = Duration::from_secs(5);
const STOP: Duration = Duration::from_secs(12);

/// The command-line debugger of Node.js, attached to a worker.
struct Debugger(Child);

impl Debugger {
    fn attach(port: u16) -> Self {
        let mut command = Command::new("node");
        command.arg("inspect").arg(format!("127.0.0.1:{port}"));
        Self(command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }

    fn tell(&mut self, command: &str) {
        self.0.stdin.as_mut().unwrap().write_all(format!("{command}\n").as_bytes()).unwrap();
    }
}

impl Drop for Debugger {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts a host with short limits. `PORT` in the options for Node.js stands for a free port.
async fn start(node_options: &str) -> (TempDir, Host, u16) {
    let port = free_port();
    let app = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(app.path().join(name), text).unwrap();
    let functions = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/apps/functions.js");
    let stops = "require('node:module').createRequire(FUNCTIONS)('@azure/functions').app.http('stops', {
        handler: () => { debugger; return { body: String(process.pid) }; },
    });";
    write("host.json", r#"{"version":"2.0"}"#);
    write("package.json", r#"{"main":"index.js"}"#);
    write("index.js", &format!("const FUNCTIONS = '{functions}'; require(FUNCTIONS); {stops}"));
    let node_options = node_options.replace("PORT", &format!("127.0.0.1:{port}"));
    write("local.settings.json", &format!(r#"{{"Values":{{"NODE_OPTIONS":"{node_options}"}}}}"#));
    let options = options("rpc");
    let options = HostOptions { app: app.path().to_owned(), start_limit: LIMIT, worker_timeout: LIMIT, ..options };
    let host = Host::start(options).await.unwrap();
    (app, host, port)
}

async fn ready(host: &Host) -> u32 {
    tokio::time::timeout(PATIENCE, host.ready()).await.expect("the worker is ready in time").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_may_wait_for_a_debugger_longer_than_the_limit() {
    let (_app, host, port) = start("--inspect-brk=PORT").await;
    let failed = tokio::time::timeout(STOP, host.failed()).await;
    assert!(failed.is_err(), "{}", failed.unwrap());
    let mut debugger = Debugger::attach(port);
    let continues = async {
        loop {
            debugger.tell("cont");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::select! {
        _ = ready(&host) => {}
        () = continues => {}
    }
    assert_eq!(get(&host, "/api/pid").await.status, 200);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_stopped_at_a_breakpoint_is_not_replaced() {
    let (_app, host, port) = start("--inspect=PORT").await;
    let worker = ready(&host).await;
    let mut debugger = Debugger::attach(port);
    // Once a call stops at a breakpoint, the debugger has attached.
    let stopped = async {
        while tokio::time::timeout(STOP, get(&host, "/api/stops")).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, stopped).await.expect("a call stops at the breakpoint");
    let continues = async {
        loop {
            debugger.tell("cont");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let answer = tokio::select! {
        answer = get(&host, "/api/stops") => answer,
        () = continues => unreachable!("it goes on until the answer has come"),
    };
    assert_eq!((answer.status.as_u16(), answer.text()), (200, worker.to_string()));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_attached_debugger_the_limits_apply() {
    let (_app, host, _) = start("--inspect=PORT").await;
    let worker = ready(&host).await;
    assert_eq!(get(&host, "/api/blocks?ms=100000").await.status, 502);
    let pid = get(&host, "/api/pid").await.text();
    assert_ne!(pid, worker.to_string());
    host.stop().await;
}
