//! `bluecrab dev --https`, and `--inspect`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod command;
mod dev_server;
#[path = "../../bluecrab-host/tests/common/free_port.rs"]
mod free_port;

use dev_server::Dev;
use free_port::free_port;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn app(streams: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("host.json", r#"{ "version": "2.0" }"#);
    write("package.json", r#"{ "main": "index.js" }"#);
    write(
        "index.js",
        &format!(
            "const {{ app }} = require('@azure/functions');
            app.setup({{ enableHttpStream: {streams} }});
            app.http('url', {{ handler: (request) => ({{ body: request.url }}) }});"
        ),
    );
    folder
}

fn command_of(app: &Path, home: &Path) -> Command {
    let mut command = command::command(app);
    command.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    command.env("HOME", home).env("XDG_CACHE_HOME", home);
    command
}

fn certificate(home: &Path) -> PathBuf {
    let below = if cfg!(target_os = "macos") { "Library/Caches/bluecrab" } else { "bluecrab" };
    home.join(below).join("https/localhost.pem")
}

#[test]
fn serves_https_with_a_certificate_that_is_made_once() {
    let home = tempfile::tempdir().unwrap();
    let mut made = None;
    for streams in [false, true] {
        let app = app(streams);
        let dev = Dev::start_without_waiting(command_of(app.path(), home.path()), &["--https"]);
        let ready = dev.wait_for("Ready on https://localhost:");
        let port = ready.split(' ').next().unwrap();
        let text = fs::read_to_string(certificate(home.path())).unwrap();
        assert_eq!(made.get_or_insert(text.clone()), &text);
        let mut call = command_of(app.path(), home.path());
        let called = call.args(["invoke", "url", "--https", "--port", port]).output().unwrap();
        let said = String::from_utf8_lossy(&called.stderr);
        assert_eq!((said.as_ref(), called.status.code()), ("200 OK\n", Some(0)));
        assert_eq!(String::from_utf8_lossy(&called.stdout), format!("https://localhost:{port}/api/url"));
        // A client without TLS is disconnected, and other clients are served meanwhile.
        let mut plain = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
        plain.write_all(b"GET /api/url HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        drop(plain.read_to_end(&mut answer));
        assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
    }
    let other = tempfile::tempdir().unwrap();
    let app = app(false);
    let dev = Dev::start_without_waiting(command_of(app.path(), home.path()), &["--https"]);
    let ready = dev.wait_for("Ready on https://localhost:");
    let port = ready.split(' ').next().unwrap();
    let mut call = command_of(app.path(), other.path());
    let called = call.args(["invoke", "url", "--https", "--port", port]).output().unwrap();
    let said = String::from_utf8_lossy(&called.stderr);
    assert!(!called.status.success() && said.contains("cannot read the certificate"), "{said}");
    let mut call = command_of(app.path(), home.path());
    let called = call.args(["invoke", "url", "--port", port]).output().unwrap();
    let said = String::from_utf8_lossy(&called.stderr);
    assert!(!called.status.success() && said.contains("if it runs with --https, add --https here too"), "{said}");
}

#[test]
fn a_connection_beyond_the_limit_is_refused_in_tls() {
    let home = tempfile::tempdir().unwrap();
    let app = app(false);
    let arguments = ["--https", "--max-connections", "1"];
    let dev = Dev::start_without_waiting(command_of(app.path(), home.path()), &arguments);
    let ready = dev.wait_for("Ready on https://localhost:");
    let port = ready.split(' ').next().unwrap();
    let (mut silent, start) = (Vec::new(), Instant::now());
    loop {
        // The host ends a connection on which the client says nothing, so another one takes its place.
        silent.push(TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap());
        let mut call = command_of(app.path(), home.path());
        let called = call.args(["invoke", "url", "--https", "--port", port]).output().unwrap();
        let said = String::from_utf8_lossy(&called.stderr);
        if said.contains("it answered 503 ") {
            return;
        }
        // The host does not wait long for a client that it refuses.
        assert!(start.elapsed() < Duration::from_secs(120), "{said}");
    }
}

#[test]
fn a_debugger_finds_the_next_worker_on_the_same_port() {
    let home = tempfile::tempdir().unwrap();
    let app = app(false);
    let port = free_port();
    let listens = format!("[worker] Debugger listening on ws://127.0.0.1:{port}/");
    let arguments = ["--watch", &format!("--inspect={port}")];
    let (dev, first) = Dev::start_until(command_of(app.path(), home.path()), &arguments, &listens);
    let index = app.path().join("index.js");
    let changed = fs::read_to_string(&index).unwrap() + "\n// changed\n";
    fs::write(index, changed).unwrap();
    assert_ne!(dev.wait_for(&listens), first, "each worker has an id of its own");
}

#[test]
fn a_debugger_that_node_options_let_in_keeps_its_port() {
    let home = tempfile::tempdir().unwrap();
    let app = app(false);
    let port = free_port();
    let mut command = command_of(app.path(), home.path());
    command.env("NODE_OPTIONS", "--inspect=0");
    let arguments = ["--watch", &format!("--inspect={port}")];
    let (_dev, address) = Dev::start_until(command, &arguments, "[worker] Debugger listening on ws://127.0.0.1:");
    assert!(!address.starts_with(&format!("{port}/")), "{address}");
}

#[test]
fn a_debugger_can_attach() {
    let home = tempfile::tempdir().unwrap();
    let app = app(false);
    let dev = Dev::start_without_waiting(command_of(app.path(), home.path()), &["--inspect=0"]);
    let address = dev.wait_for("[worker] Debugger listening on ws://127.0.0.1:");
    let port = address.split('/').next().unwrap().parse().unwrap();
    let mut inspector = TcpStream::connect(("127.0.0.1", port)).unwrap();
    inspector.write_all(b"GET /json/list HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    // Do not wait for the end of the connection: Node.js leaves it open.
    inspector.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("nodejsWorker.js") {
        let mut bytes = [0; 1024];
        let count = inspector.read(&mut bytes).unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&bytes[..count]);
    }
}
