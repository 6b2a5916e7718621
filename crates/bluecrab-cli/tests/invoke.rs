//! `bluecrab invoke` with a running `bluecrab dev`.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod command;
mod dev_server;
#[path = "../../bluecrab-host/tests/common/free_port.rs"]
mod free_port;

use dev_server::Dev;
use free_port::free_port;
use serde_json::{Value, json};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const FUNCTIONS: &str = r"
const { app, arg, output } = require('@azure/functions');
const seen = async (request, context) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    method: request.method, path: new URL(request.url).pathname, params: request.params,
    query: Object.fromEntries(request.query), type: request.headers.get('content-type'),
    tag: request.headers.get('x-tag'), body: await request.text(),
  }),
});
app.http('rows', { methods: ['GET', 'PUT'], route: 'rows/{id:int}/{*rest}', handler: seen });
app.http('take', { methods: ['POST', 'DELETE'], handler: seen });
app.http('closed', { authLevel: 'function', handler: () => ({ body: 'open' }) });
app.http('bytes', { handler: async (request) => ({ body: Buffer.from(await request.arrayBuffer()).reverse() }) });
app.http('picky', { handler: (request) => ({ status: request.headers.get('content-type')?.includes('json') ? 200 : 415 }) });
app.http('missing', { handler: () => ({ status: 410, body: 'gone' }) });
app.serviceBusQueue('orders', {
  queueName: 'orders', connection: 'Bus',
  return: output.serviceBusQueue({ queueName: 'done', connection: 'Bus' }),
  handler: (message, context) => ({ was: message, id: context.triggerMetadata.messageId }),
});
app.storageBlob('count', {
  path: 'texts/{name}', connection: 'AzureWebJobsStorage',
  return: output.serviceBusQueue({ queueName: 'done', connection: 'Bus' }),
  handler: (blob, context) => ({ name: context.triggerMetadata.name, bytes: blob.length }),
});
app.timer('tick', { schedule: '0 0 3 * * *', handler: (timer) => { if (timer.isPastDue) throw new Error('on purpose'); } });
app.mcpTool('greet', {
  toolName: 'Greet', description: 'Greets', toolProperties: { name: arg.string() },
  handler: (_, context) => `Hello ${context.triggerMetadata.mcptoolargs.name}`,
});
";

/// A module with a `callable`. It returns its body, with the status 422 if the body begins with `!`.
const ECHO: &str = r#"
(module
  (memory (export "memory") 1)
  (func (export "bluecrab_alloc") (param i32) (result i32) i32.const 1024)
  (func (export "run") (param $head i32) (param i32) (param $body i32) (param $length i32) (result i32)
    (i32.store (i32.const 16)
      (select (i32.const 422) (i32.const 200) (i32.eq (i32.load8_u (local.get $body)) (i32.const 33))))
    (i32.store (i32.const 28) (local.get $body))
    (i32.store (i32.const 32) (local.get $length))
    (i32.const 16))
  (@custom "bluecrab.functions.v1" "{\"name\":\"echo\",\"export\":\"run\",\"trigger\":{\"type\":\"callable\"}}"))
"#;

fn app() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("host.json", r#"{ "version": "2.0" }"#);
    write("package.json", r#"{ "main": "index.js" }"#);
    write("index.js", FUNCTIONS);
    folder
}

fn command_of(app: &TempDir) -> Command {
    let mut command = command::command(app.path());
    command.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    command
}

/// What a call printed, and its exit code.
struct Called {
    code: i32,
    output: Vec<u8>,
    errors: String,
}

impl Called {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.output).unwrap_or_else(|error| panic!("{error}: {}", self.errors))
    }
}

fn invoke(app: &TempDir, port: u16, arguments: &[&str]) -> Called {
    invoke_with(app, port, arguments, b"")
}

fn invoke_with(app: &TempDir, port: u16, arguments: &[&str], input: &[u8]) -> Called {
    run(command_of(app), port, arguments, input)
}

fn run(mut command: Command, port: u16, arguments: &[&str], input: &[u8]) -> Called {
    command.arg("invoke").args(arguments).args(["--port", &port.to_string()]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(input).unwrap();
    let output = process.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    Called { code: output.status.code().unwrap(), output: output.stdout, errors }
}

#[test]
fn calls_http_functions_by_their_route_and_method() {
    let app = app();
    let dev = Dev::start(command_of(&app), &[]);
    let called =
        invoke(&app, dev.port, &["ROWS", "--param", "id=7", "-p", "rest=a/b c", "-p", "page=2", "-H", "x-tag: v"]);
    assert_eq!((called.code, called.errors.as_str()), (0, "200 OK\n"));
    let seen = called.json();
    assert_eq!(seen["method"], "GET");
    assert_eq!(seen["params"], json!({ "id": "7", "rest": "a/b c" }));
    assert_eq!((&seen["query"], &seen["tag"], &seen["body"]), (&json!({ "page": "2" }), &json!("v"), &json!("")));
    // The function has no POST.
    assert_eq!(invoke(&app, dev.port, &["rows", "-p", "id=7", "--data", "x"]).json()["method"], "GET");
    let put = invoke(&app, dev.port, &["rows", "-p", "id=7", "-p", "q= a ", "--data", "x", "-X", "put"]).json();
    assert_eq!((&put["method"], &put["type"]), (&json!("PUT"), &json!("text/plain; charset=utf-8")));
    assert_eq!(put["query"]["q"], " a ");
    let posted = invoke(&app, dev.port, &["take", "--data", "[1]"]).json();
    let expected = (&json!("POST"), &json!("application/json"), &json!("[1]"));
    assert_eq!((&posted["method"], &posted["type"], &posted["body"]), expected);
    assert_eq!(invoke(&app, dev.port, &["take"]).json()["method"], "POST");
    let bytes = invoke_with(&app, dev.port, &["bytes", "--file", "-"], &[0, 1, 255]);
    assert_eq!((bytes.code, bytes.output.as_slice()), (0, &[255, 1, 0][..]));
    fs::write(app.path().join("body"), "ab").unwrap();
    assert_eq!(invoke(&app, dev.port, &["bytes", "--file", "body"]).output, b"ba");
    // A mistake in the data is not a mistake in the header.
    let mistaken = invoke(&app, dev.port, &["picky", "--data", "[1"]);
    assert_eq!((mistaken.code, mistaken.output.len()), (1, 0));
    let note = "415 Unsupported Media Type\nnote: the data was sent as text/plain; charset=utf-8, because it is not JSON: \
                EOF while parsing a list at line 1 column 2\n";
    assert_eq!(mistaken.errors, note);
    assert_eq!(invoke(&app, dev.port, &["picky", "--data", "[1]"]).code, 0);
    let empty = invoke(&app, dev.port, &["picky"]);
    let note = "415 Unsupported Media Type\nnote: the request had no body: give it one with --data or --file\n";
    assert_eq!((empty.code, empty.errors.as_str()), (1, note));
    let gone = invoke(&app, dev.port, &["missing"]);
    assert_eq!((gone.code, gone.output.as_slice(), gone.errors.as_str()), (1, &b"gone"[..], "410 Gone\n"));
}

#[test]
fn fires_other_functions_and_prints_what_they_wrote() {
    let app = app();
    let dev = Dev::start(command_of(&app), &[]);
    for number in [1, 2] {
        let called = invoke(&app, dev.port, &["orders", "--data", &format!("{{\"id\": {number}}}")]);
        assert_eq!(called.code, 0, "{}", called.errors);
        let outputs = called.json()["outputs"].take();
        assert_eq!(outputs.as_array().unwrap().len(), 1, "only the outputs of this call: {outputs}");
        assert_eq!(outputs[0]["items"], json!([{ "json": { "was": { "id": number } } }]));
        assert_eq!(outputs[0]["binding"]["queueName"], "done");
    }
    let written =
        |arguments: &[&str]| invoke(&app, dev.port, arguments).json()["outputs"][0]["items"][0]["json"].take();
    let told = written(&["orders", "--data", "{}", "--metadata", r#"{"messageId": "m7"}"#]);
    assert_eq!(told, json!({ "was": {}, "id": "m7" }));
    // The data is the contents of a blob that need not exist.
    let counted = written(&["count", "--data", "one two", "--metadata", r#"{"blobTrigger": "texts/a.txt"}"#]);
    assert_eq!(counted, json!({ "name": "a.txt", "bytes": 7 }));
    let greeted = invoke(&app, dev.port, &["greet", "--data", r#"{"name":"Ada"}"#]).json();
    assert!(greeted["returned"]["text"].as_str().unwrap().contains("Hello Ada"), "{greeted}");
    assert_eq!(invoke(&app, dev.port, &["tick"]).json(), json!({ "returned": null, "outputs": [] }));
    let failed = invoke(&app, dev.port, &["tick", "--data", r#"{"isPastDue":true}"#]);
    assert_eq!((failed.code, failed.output.len()), (1, 0));
    assert!(failed.errors.starts_with("error: tick: on purpose (index.js:"), "{}", failed.errors);
}

#[test]
fn calls_a_callable_without_a_host() {
    let app = app();
    fs::write(app.path().join("echo.wasm"), wat::parse_str(ECHO).unwrap()).unwrap();
    let free = free_port();
    let bytes = invoke_with(&app, free, &["ECHO", "--file", "-"], &[0, 255, 10]);
    assert_eq!((bytes.code, bytes.output.as_slice()), (0, &[0, 255, 10][..]), "{}", bytes.errors);
    assert_eq!(bytes.errors, "echo has run, from echo.wasm and without the host\n");
    let failed = invoke(&app, free, &["echo", "--data", "!so not"]);
    assert_eq!((failed.code, failed.output.len(), failed.errors.as_str()), (1, 0, "error: echo: !so not\n"));
    for option in [["--param", "id=7"], ["--metadata", "{}"]] {
        let refused = invoke(&app, free, &[&["echo"], &option[..]].concat());
        let reason = format!("error: {} is for functions with a trigger, and echo of echo.wasm has none", option[0]);
        assert!(refused.code == 1 && refused.errors.starts_with(&reason), "{}", refused.errors);
    }
    let missing = run(command::command(app.path()), free, &["echo"], b"");
    assert!(missing.errors.contains("the npm package bluecrab is not installed in the app"), "{}", missing.errors);
    assert!(invoke(&app, free, &["ech"]).errors.contains("start one with `bluecrab dev`"));
    let dev = Dev::start(command_of(&app), &[]);
    assert_eq!(invoke(&app, dev.port, &["echo", "--data", "crab"]).output, b"crab");
    let unknown = invoke(&app, dev.port, &["ech"]);
    assert!(
        unknown.errors.contains("has no function `ech`; its functions are bytes, ")
            && unknown.errors.contains("tick, echo")
    );
}

#[test]
fn says_what_is_wrong() {
    let app = app();
    let free = free_port();
    let dev = Dev::start(command_of(&app), &[]);
    for (port, arguments, part) in [
        (free, &["rows"][..], "start one with `bluecrab dev`"),
        (
            dev.port,
            &["row"],
            "has no function `row`; its functions are bytes, closed, count, greet, missing, orders, picky, rows, take, tick",
        ),
        (dev.port, &["rows"], "needs a value for id: add --param id=VALUE"),
        (
            dev.port,
            &["orders", "-X", "PUT"],
            "--method is for HTTP functions, and orders has the trigger serviceBusTrigger",
        ),
        (
            dev.port,
            &["take", "--metadata", "{}"],
            "--metadata is for functions that HTTP does not call, and take has the trigger httpTrigger",
        ),
        (dev.port, &["orders"], "give the trigger's value"),
        (dev.port, &["greet", "--data", "x"], "the input must be an object"),
        (dev.port, &["take", "--file", "nowhere"], "cannot read nowhere"),
        (
            dev.port,
            &["take", "--app", "nowhere"],
            "the folder nowhere does not exist: name the app's folder with --app",
        ),
    ] {
        let called = invoke(&app, port, arguments);
        assert_eq!(called.code, 1, "{arguments:?}: {}", called.errors);
        assert!(
            called.errors.starts_with("error: ") && called.errors.contains(part),
            "{arguments:?}: {}",
            called.errors
        );
    }
}

#[test]
fn finds_the_keys_of_a_host_that_asks_for_them() {
    let app = app();
    let dev = Dev::start(command_of(&app), &["--auth"]);
    let called = invoke(&app, dev.port, &["closed"]);
    assert_eq!((called.code, called.output.as_slice()), (0, &b"open"[..]), "{}", called.errors);
    assert_eq!(invoke(&app, dev.port, &["tick"]).code, 0);
    let refused = invoke(&app, dev.port, &["closed", "-H", "x-functions-key: wrong"]);
    assert_eq!((refused.code, refused.errors.as_str()), (1, "401 Unauthorized\n"));
    let elsewhere = tempfile::tempdir().unwrap();
    let refused = invoke(&app, dev.port, &["tick", "--app", elsewhere.path().to_str().unwrap()]);
    assert!(refused.code == 1 && refused.errors.contains("name the app's folder with --app"), "{}", refused.errors);
}

/// A program that is not the app's host, and what its clients have sent to it.
struct Impostor {
    port: u16,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Impostor {
    /// Passes everything that a client sends on to a stream, which answers.
    fn start(open: impl Fn(&TcpStream) -> Box<dyn Write> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                let mut answers = open(&client);
                let mut chunk = [0; 4096];
                while let Ok(length @ 1..) = client.read(&mut chunk) {
                    kept.lock().unwrap().extend(&chunk[..length]);
                    answers.write_all(&chunk[..length]).unwrap();
                }
            }
        });
        Self { port, received }
    }

    /// Passes requests on to the host on another port, and its answers back.
    fn relay(port: u16) -> Self {
        Self::start(move |client| {
            let host = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let (mut answers, mut client) = (host.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || io::copy(&mut answers, &mut client));
            Box::new(host)
        })
    }

    /// Answers each part of a request, which clients send in one piece, in the same way.
    fn answering(answer: String) -> Self {
        struct Always(TcpStream, String);
        impl Write for Always {
            fn write(&mut self, request: &[u8]) -> io::Result<usize> {
                self.0.write_all(self.1.as_bytes()).map(|()| request.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        Self::start(move |client| Box::new(Always(client.try_clone().unwrap(), answer.clone())))
    }

    fn received(&self) -> String {
        String::from_utf8_lossy(&self.received.lock().unwrap()).into_owned()
    }
}

#[test]
fn the_master_key_goes_to_no_other_program() {
    let app = app();
    let dev = Dev::start(command_of(&app), &["--auth"]);
    let key = bluecrab_host::master_key(app.path()).unwrap();
    let said = "asks for a key, but is not the host of this app, so the app's master key was not sent: name the host's \
                port with --port, or the folder of its app with --app";
    let response = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nx-bluecrab-proof: AAAA\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    for impostor in [Impostor::relay(dev.port), Impostor::answering(response("401 Unauthorized", ""))] {
        for name in ["closed", "tick"] {
            let called = invoke(&app, impostor.port, &[name]);
            assert!(called.code == 1 && called.errors.contains(said), "{}", called.errors);
        }
        let received = impostor.received();
        assert!(received.matches("GET /admin/functions ").count() == 2 && !received.contains(&key), "{received}");
    }
    // It asks for no key, and lists a function that would need one.
    let list = r#"[{ "name": "closed", "invoke_url_template": "/api/closed", "config": { "bindings":
        [{ "type": "httpTrigger", "authLevel": "admin" }] } }]"#;
    let impostor = Impostor::answering(response("200 OK", list));
    assert_eq!(invoke(&app, impostor.port, &["closed"]).code, 0);
    let received = impostor.received();
    assert!(received.contains("GET /api/closed ") && !received.contains(&key), "{received}");
    // The host itself gets it, and another app's host does not.
    assert_eq!(invoke(&app, dev.port, &["closed"]).output, b"open");
    let other = self::app();
    let _other = Dev::start(command_of(&other), &["--auth"]);
    let refused = invoke(&other, dev.port, &["closed"]);
    assert!(refused.code == 1 && refused.errors.contains(said), "{}", refused.errors);
}
