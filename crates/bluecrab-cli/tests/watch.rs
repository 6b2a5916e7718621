//! `bluecrab dev --watch`: what clients see when the app changes.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod command;
mod dev_server;
mod new_app;

use command::command;
use dev_server::{Dev, post};
use new_app::{STATISTICS, new_app};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use tempfile::TempDir;

#[test]
fn the_previous_version_serves_until_a_broken_change_is_fixed() {
    let (_folder, app) = new_app("watched");
    let mut dev = Dev::start(command(&app), &["--watch"]);
    let source = fs::read_to_string(app.join("src/lib.rs")).unwrap();
    fs::write(app.join("src/lib.rs"), source.replace("fn statistics(", "fn statistics(oops")).unwrap();
    dev.wait_for("error: cargo could not build ");
    assert_eq!(dev.post("/api/statistics", "[1, 2, 3]"), (200, STATISTICS.to_owned()));
    fs::write(
        app.join("src/lib.rs"),
        source.replace("fn statistics(", "fn figures(").replace("call(statistics", "call(figures"),
    )
    .unwrap();
    dev.wait_until_ready();
    assert_eq!(dev.post("/api/figures", "[1, 2, 3]"), (200, STATISTICS.to_owned()));
    assert_eq!(dev.post("/api/statistics", "[1, 2, 3]").0, 404);
}

/// Stops a background task at the end of a test, even if the test fails.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Repeats a request, on a new connection each time or always on the same one, and a last time after `done`. Tells
/// `begun` of the first answer. Returns the bodies in order.
fn ask_until(done: &AtomicBool, begun: &mpsc::Sender<()>, port: u16, keeps: bool) -> Vec<String> {
    let mut kept = keeps.then(|| TcpStream::connect(("127.0.0.1", port)).unwrap());
    let mut bodies = Vec::new();
    loop {
        let is_last = done.load(Ordering::Relaxed);
        let (status, body) = match &mut kept {
            Some(stream) => post_over(stream, "/api/statistics", "[1, 2, 3]"),
            None => post(port, "/api/statistics", "[1, 2, 3]"),
        };
        assert_eq!(status, 200, "{body}");
        bodies.push(body);
        begun.send(()).ok();
        if is_last {
            return bodies;
        }
    }
}

fn post_over(stream: &mut TcpStream, path: &str, body: &str) -> (u16, String) {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json");
    write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), String::from_utf8(body).unwrap())
}

#[test]
fn answers_every_request_during_a_change() {
    let (_folder, app) = new_app("ceaseless");
    let mut dev = Dev::start(command(&app), &["--watch"]);
    let (port, done) = (dev.port, AtomicBool::new(false));
    let source = fs::read_to_string(app.join("src/lib.rs")).unwrap();
    let clients = std::thread::scope(|scope| {
        let (done, ending) = (&done, Done(&done));
        let clients: Vec<_> = [false, false, true]
            .map(|keeps| {
                let (sender, begun) = mpsc::channel();
                let client = scope.spawn(move || ask_until(done, &sender, port, keeps));
                begun.recv().expect("a first answer");
                client
            })
            .into();
        fs::write(app.join("src/lib.rs"), source.replace("deviation: variance.sqrt()", "deviation: variance")).unwrap();
        dev.wait_until_ready();
        let (_, after) = dev.post("/api/statistics", "[1, 2, 3]");
        assert!(after.contains("0.666"), "{after}");
        std::thread::sleep(std::time::Duration::from_secs(1));
        drop(ending);
        clients.into_iter().map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(dev.port, port);
    for bodies in clients {
        let changes = bodies.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!(changes, 1, "{} answers", bodies.len());
        assert_eq!(bodies[0], STATISTICS);
        assert!(bodies.last().unwrap().contains("0.666"), "{:?}", bodies.last());
    }
}

/// The slow functions of an app end when this file exists. It is a log, so it is not watched.
const RELEASE: &str = "release.log";

/// Makes a JavaScript app whose functions answer with `word`, some at once and some slowly.
fn app_of_node(setup: &str, word: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("host.json"), r#"{ "version": "2.0" }"#).unwrap();
    fs::write(folder.path().join("package.json"), r#"{ "main": "index.js" }"#).unwrap();
    write_functions(folder.path(), setup, word);
    folder
}

fn write_functions(app: &Path, setup: &str, word: &str) {
    let text = format!(
        "const {{ app }} = require('@azure/functions');
        {setup}
        const {{ existsSync }} = require('node:fs');
        const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
        const released = async () => {{
            while (!existsSync('{RELEASE}')) await pause(50);
        }};
        app.http('word', {{ handler: () => ({{ body: '{word}' }}) }});
        app.http('slow', {{
            handler: async () => {{
                console.log('slow has begun');
                await released();
                return {{ body: '{word}' }};
            }},
        }});
        app.http('large', {{ handler: () => ({{ body: '{word}'.repeat(12 << 20) }}) }});
        app.http('stream', {{
            handler: async () => {{
                async function* pieces() {{
                    console.log('stream has begun');
                    for (let piece = 0; piece < 12; piece++) {{
                        if (piece === 6) await released();
                        yield '{word} ';
                        await pause(10);
                    }}
                }}
                return {{ body: pieces() }};
            }},
        }});
"
    );
    // In one step: the watch must not see the file empty.
    fs::write(app.join("next.log"), text).unwrap();
    fs::rename(app.join("next.log"), app.join("index.js")).unwrap();
}

fn serve(app: &Path) -> Dev {
    serve_with(app, &[])
}

fn serve_with(app: &Path, arguments: &[&str]) -> Dev {
    let mut command = command(app);
    command.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    Dev::start(command, &[&["--watch"], arguments].concat())
}

/// Returns how often an app was started. The app counts its starts in a file that is not watched.
fn starts(app: &Path) -> usize {
    fs::read(app.join("starts.log")).unwrap().len()
}

const NOTES_ITS_START: &str = "require('node:fs').appendFileSync('starts.log', 'x');";

/// Changes the app while a call runs. Returns the response to that call.
fn answer_over_a_change(setup: &str, path: &'static str) -> String {
    let app = app_of_node(setup, "old");
    let mut dev = serve(app.path());
    let (port, (sender, receiver)) = (dev.port, mpsc::channel());
    std::thread::spawn(move || sender.send(post(port, path, "")));
    dev.wait_for(&format!("[worker] {} has begun", path.trim_start_matches("/api/")));
    write_functions(app.path(), setup, "new");
    dev.wait_until_ready();
    // A streamed response arrives in chunks.
    let (status, after) = dev.post("/api/word", "");
    assert!(status == 200 && after.contains("new"), "{status} {after}");
    assert!(receiver.try_recv().is_err(), "the call has ended before the change");
    fs::write(app.path().join(RELEASE), "").unwrap();
    let (status, body) = receiver.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(status, 200, "{body}");
    body
}

#[test]
fn a_running_call_finishes_with_the_code_that_began_it() {
    assert_eq!(answer_over_a_change("", "/api/slow"), "old");
}

#[test]
fn a_running_response_is_streamed_to_its_end() {
    let body = answer_over_a_change("app.setup({ enableHttpStream: true });", "/api/stream");
    assert_eq!(body.matches("old ").count(), 12, "{body}");
}

#[test]
fn a_slow_client_receives_its_complete_response() {
    let setup = "app.setup({ enableHttpStream: true });";
    let app = app_of_node(setup, "old");
    let mut dev = serve(app.path());
    let mut stream = TcpStream::connect(("127.0.0.1", dev.port)).unwrap();
    write!(stream, "GET /api/large HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    stream.read_exact(&mut [0; 8]).unwrap();
    write_functions(app.path(), setup, "new");
    dev.wait_until_ready();
    // Meanwhile the old worker has written the whole response. It must not end before the client has read it.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.len() > 3 * (12 << 20), "{} bytes", rest.len());
    assert!(rest.ends_with(b"\r\n0\r\n\r\n") || rest.ends_with(b"old"));
}

#[test]
fn the_previous_version_serves_if_the_new_one_does_not_load() {
    let app = app_of_node("", "old");
    let mut dev = serve(app.path());
    fs::write(app.path().join("index.js"), "throw new Error('out of paper');\n").unwrap();
    let said = dev.wait_for("[error] the app cannot be loaded: ");
    assert!(
        said.contains("out of paper") && said.ends_with("(index.js:1:7); the previous code keeps serving"),
        "{said}"
    );
    assert_eq!(dev.post("/api/word", ""), (200, "old".to_owned()));
    fs::write(app.path().join("index.js"), "").unwrap();
    let said = dev.wait_for("[error] the app has registered no function");
    assert!(said.ends_with("the previous code keeps serving"), "{said}");
    assert_eq!(dev.post("/api/word", ""), (200, "old".to_owned()));
    fs::write(app.path().join("host.json"), "{ oops").unwrap();
    assert!(dev.wait_for("error: cannot read ").contains("host.json"));
    assert_eq!(dev.post("/api/word", ""), (200, "old".to_owned()));
    write_functions(app.path(), "", "new");
    fs::write(
        app.path().join("host.json"),
        r#"{ "version": "2.0", "extensions": { "http": { "routePrefix": "v2" } } }"#,
    )
    .unwrap();
    dev.wait_until_ready();
    assert_eq!(dev.post("/v2/word", ""), (200, "new".to_owned()));
    assert_eq!(dev.post("/api/word", "").0, 404);
}

#[test]
fn an_app_that_does_not_load_is_served_after_it_is_fixed() {
    let app = app_of_node("", "old");
    fs::write(app.path().join("index.js"), "throw new Error('out of paper');\n").unwrap();
    let mut command = command(app.path());
    command.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    let mut dev = Dev::start_without_waiting(command, &["--watch"]);
    let said = dev.wait_for("error: the app cannot be loaded: ");
    assert!(said.ends_with("out of paper (index.js:1:7)"), "{said}");
    assert_eq!(dev.wait_for("[watch] waiting for a change"), "");
    fs::write(app.path().join("index.js"), "process.exit(3);\n").unwrap();
    dev.wait_for("error: the worker ended (exit status: 3) while it started");
    write_functions(app.path(), "", "new");
    dev.wait_until_ready();
    assert_eq!(dev.post("/api/word", ""), (200, "new".to_owned()));
}

#[test]
fn ignored_files_cause_no_restart() {
    let app = app_of_node("", "old");
    let writes = "const fs = require('node:fs');
        for (const folder of ['data', 'cache', '__blobstorage__']) fs.mkdirSync(folder, { recursive: true });
        setInterval(() => {
            const now = String(process.hrtime.bigint());
            for (const file of ['data/a.json', 'cache/a.json', '__blobstorage__/a', '__azurite_db_blob__.json', 'a.log']) {
                fs.writeFileSync(file, now);
            }
        }, 50);";
    let setup = format!("{NOTES_ITS_START}{writes}");
    write_functions(app.path(), &setup, "old");
    fs::write(app.path().join(".gitignore"), "data/\n").unwrap();
    let mut dev = serve_with(app.path(), &["--ignore", "cache/"]);
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(starts(app.path()), 1);
    write_functions(app.path(), &setup, "new");
    dev.wait_until_ready();
    assert_eq!(dev.post("/api/word", ""), (200, "new".to_owned()));
    assert_eq!(starts(app.path()), 2);
}

#[test]
fn an_app_that_writes_into_its_own_folder_is_not_restarted_forever() {
    let app = app_of_node("", "old");
    let writes = "require('node:fs').writeFileSync('state.json', String(process.hrtime.bigint()));";
    let setup = format!("{NOTES_ITS_START}{writes}");
    write_functions(app.path(), &setup, "old");
    let mut dev = serve(app.path());
    dev.wait_for("[watch] *.json has changed after each of the last starts, so the app ");
    let before = starts(app.path());
    assert!(before <= 3, "{before} starts");
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(starts(app.path()), before);
    dev.drop_printed();
    write_functions(app.path(), &setup, "new");
    dev.wait_until_ready();
    assert_eq!(dev.post("/api/word", ""), (200, "new".to_owned()));
}
