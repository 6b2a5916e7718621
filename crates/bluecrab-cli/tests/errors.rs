//! The errors of the command.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod command;
mod dev_server;
#[path = "../../bluecrab-host/tests/common/free_port.rs"]
mod free_port;
mod refusal;

use command::command;
use dev_server::{Dev, post};
use free_port::free_port;
use refusal::{reason, refused};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// A time limit that suffices for any start.
const PATIENCE: Duration = Duration::from_secs(120);

fn write_app(folder: &Path, index: &str) {
    fs::write(folder.join("host.json"), r#"{ "version": "2.0" }"#).unwrap();
    fs::write(folder.join("package.json"), r#"{ "main": "index.js" }"#).unwrap();
    fs::write(folder.join("index.js"), index).unwrap();
}

#[test]
fn refuses_invalid_apps_modules_and_scenarios() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "text").unwrap();
    for verb in ["build", "dev", "package"] {
        assert!(refused(folder.path(), &[verb, "file"]).contains("file is a file: give the folder of a function app"));
        assert!(
            refused(folder.path(), &[verb, "gone"]).contains("gone does not exist: give the folder of a function app")
        );
        assert!(refused(folder.path(), &[verb]).contains("is not a function app: it has no host.json"));
    }
    assert!(refused(folder.path(), &["check", "file"]).contains("file is not a WebAssembly module"));
    assert!(refused(folder.path(), &["bench"]).contains("name a scenario, such as `bluecrab bench shop.toml`"));
}

#[test]
fn names_what_is_wrong_in_package_json() {
    for (package, expected) in [
        ("[]", "package.json must hold one JSON object"),
        ("{", "package.json is not JSON: EOF while parsing an object at line 1"),
        (r#"{ "main": 5 }"#, "the field `main` in "),
        (r#"{ "bluecrab": { "build": "make" } }"#, "the field `bluecrab` in "),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write_app(folder.path(), "");
        fs::write(folder.path().join("package.json"), package).unwrap();
        let said = refused(folder.path(), &["dev", "--port", "0"]);
        assert!(said.contains(expected), "{package}: {said}");
    }
}

#[test]
fn listens_on_the_address_after_host() {
    let folder = tempfile::tempdir().unwrap();
    write_app(folder.path(), "require('@azure/functions').app.http('word', { handler: () => ({}) });");
    let mut dev = command(folder.path());
    dev.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    let dev = Dev::start(dev, &["--host", "localhost"]);
    assert_eq!(dev.post("/api/word", "").0, 200);
    let output = command(folder.path()).args(["dev", "--host", "here"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("write an IP address, such as 127.0.0.1"), "{said}");
}

#[test]
fn refuses_programs_other_than_node() {
    let folder = tempfile::tempdir().unwrap();
    write_app(folder.path(), "");
    let said = refused(folder.path(), &["dev", "--port", "0", "--node", "no-such-node"]);
    assert!(said.contains("cannot run `no-such-node`: install Node.js"), "{said}");
    // A program that exists, but prints another version.
    let said = refused(folder.path(), &["dev", "--port", "0", "--node", "cargo"]);
    assert!(said.contains("`cargo --version` prints no version of Node.js, but: cargo "), "{said}");
}

#[test]
fn says_how_the_port_of_the_inspector_is_written() {
    let folder = tempfile::tempdir().unwrap();
    write_app(folder.path(), "");
    let said = refused(folder.path(), &["dev", "--inspect", "9230"]);
    assert!(said.contains("stands after `=`: --inspect=9230"), "{said}");
}

#[test]
fn reports_an_output_that_cannot_be_written_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    write_app(folder.path(), "");
    let said = refused(folder.path(), &["package", "-o", "gone/app.zip"]);
    assert!(said.starts_with("error: cannot write gone/app.zip: "), "{said}");
    let said = refused(folder.path(), &["bench", "gone.toml", "--html", "."]);
    assert!(said.starts_with("error: cannot write .: it is a folder"), "{said}");
}

#[test]
fn exits_with_the_reason_if_an_app_cannot_be_served() {
    const REGISTERS: &str = "const { app } = require('@azure/functions'); app.http('a', { handler: () => ({}) });";
    for (main, index, expected) in [
        (
            "index.js",
            "\nconst x = ;\n",
            "error: the app cannot be loaded: entry file \"index.js\": Unexpected token ';' (index.js:2)",
        ),
        ("index.js", "throw new Error('out of paper');", "\"index.js\": out of paper (index.js:1:7)"),
        (
            "index.js",
            &format!("{REGISTERS} throw null;"),
            "error: the app cannot be loaded: entry file \"index.js\": null",
        ),
        ("dist/*.js", REGISTERS, "error: the app cannot be loaded: no file in "),
        ("index.js", "process.exit(3);", "error: the worker ended (exit status: 3) while it started"),
        ("index.js", "process.exit(200);", "error: the worker asked for a restart while it started"),
        ("index.js", "require('@azure/functions');", "error: the app has registered no function: "),
        (
            "index.js",
            &format!("{REGISTERS} app.hook.appStart(() => {{ throw new Error('no key'); }});"),
            "error: the worker cannot be initialised: no key (index.js:1:",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write_app(folder.path(), index);
        fs::write(folder.path().join("package.json"), format!(r#"{{ "main": "{main}" }}"#)).unwrap();
        let arguments = ["dev", "--port", "0", "--no-build"];
        let mut dev = command(folder.path());
        dev.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules")).args(arguments);
        let output = dev.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!printed.contains("Ready"), "{printed}");
        let said = reason(output, &arguments);
        assert!(said.contains(expected), "{said} is said of {index}");
    }
}

#[test]
fn serves_an_app_despite_a_crate_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    write_app(folder.path(), "require('@azure/functions').app.http('word', { handler: () => ({}) });");
    let command = |folder| {
        let mut command = command(folder);
        command.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
        command
    };
    fs::create_dir(folder.path().join("sums")).unwrap();
    fs::write(folder.path().join("sums/Cargo.toml"), "").unwrap();
    let dev = Dev::start(command(folder.path()), &["--no-build"]);
    assert_eq!(dev.post("/api/sums", "").0, 404);
    drop(dev);
    let mut dev = Dev::start_without_waiting(command(folder.path()), &[]);
    let said = dev.wait_for("note: `");
    assert!(said.contains("cargo metadata "), "{said}");
    dev.wait_until_ready();
}

#[test]
fn the_host_keeps_serving_if_nobody_reads_its_output() {
    let folder = tempfile::tempdir().unwrap();
    write_app(
        folder.path(),
        "const { app } = require('@azure/functions');
        app.http('word', { handler: () => { console.log('asked'); return { body: 'served' }; } });",
    );
    let port = free_port();
    let mut dev = command(folder.path());
    dev.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    dev.args(["dev", "--port", &port.to_string()]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut dev = dev.spawn().unwrap();
    drop((dev.stdout.take(), dev.stderr.take()));
    let start = std::time::Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(50));
    }
    let answers = [(); 3].map(|()| post(port, "/api/word", ""));
    dev.kill().unwrap();
    dev.wait().unwrap();
    assert_eq!(answers, [(); 3].map(|()| (200, "served".to_owned())));
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut new = command(folder.path());
    let mut new = new.args(["new", "unheard"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(new.stdout.take());
    let output = new.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join("unheard/index.js").is_file());
}

#[test]
fn a_port_in_use_ends_the_watch() {
    let folder = tempfile::tempdir().unwrap();
    write_app(folder.path(), "");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let arguments = ["dev", "--watch", "--port", &port];
    let mut dev = command(folder.path()).args(arguments).stderr(Stdio::piped()).spawn().unwrap();
    let start = std::time::Instant::now();
    while dev.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            dev.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let said = reason(dev.wait_with_output().unwrap(), &arguments);
    assert!(said.contains(&port), "{said}");
}

/// The log says why a function failed after its response had begun, whether or not the client still reads.
#[test]
fn logs_why_a_response_breaks_off() {
    let apps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bluecrab-host/tests/apps");
    let dev = Dev::start(command(&apps.join("stream")), &[]);
    let ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", dev.port)).unwrap();
        stream.write_all(b"GET /api/breaks HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        let mut begun = [0; 12];
        stream.read_exact(&mut begun).unwrap();
        assert_eq!(&begun, b"HTTP/1.1 200");
        stream
    };
    let mut stream = ask();
    let mut rest = Vec::new();
    while !rest.ends_with(b"begun \r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        rest.extend(byte);
    }
    assert_eq!(dev.post("/api/break", "").0, 200);
    // The connection ends without the last chunk, either closed or reset.
    drop(stream.read_to_end(&mut rest));
    assert!(!rest.ends_with(b"0\r\n\r\n"), "{}", String::from_utf8_lossy(&rest));
    assert!(dev.wait_for("[error] function breaks ").contains("failed: broken on purpose"));
    drop(ask());
    assert_eq!(dev.post("/api/break", "").0, 200);
    assert!(dev.wait_for("[error] function breaks ").contains("failed: broken on purpose"));
}
