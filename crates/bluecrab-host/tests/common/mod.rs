//! A host for one test, and a client for it.

#![allow(dead_code, reason = "each test binary uses a part of this")]

pub mod events;

use bluecrab_host::{Host, HostOptions, Identity};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A time limit that suffices on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Returns the options for an app in `tests/apps`, on a free port.
pub fn options(app: &str) -> HostOptions {
    let app = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/apps").join(app);
    HostOptions { port: 0, ..HostOptions::new(app) }
}

/// Returns a certificate for HTTPS and its private key.
pub fn identity() -> Identity {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Identity { certificate: made.cert.pem().into(), private_key: made.signing_key.serialize_pem().into() }
}

/// Starts a host and waits for its worker. Returns the worker's process id too.
pub async fn start(options: HostOptions) -> (Host, u32) {
    let host = Host::start(options).await.unwrap();
    let process_id = tokio::time::timeout(PATIENCE, host.ready()).await.expect("the worker is ready in time").unwrap();
    (host, process_id)
}

/// Kills a process.
#[cfg(unix)]
pub fn kill(process_id: u32) {
    use nix::sys::signal::{Signal, kill};
    kill(nix::unistd::Pid::from_raw(process_id.cast_signed()), Signal::SIGKILL).unwrap();
}

/// Kills a process.
#[cfg(windows)]
pub fn kill(process_id: u32) {
    let mut kill = std::process::Command::new("taskkill");
    assert!(kill.args(["/F", "/PID", &process_id.to_string()]).status().unwrap().success());
}

/// A response that has been read completely.
pub struct Answer {
    pub status: StatusCode,
    pub headers: hyper::HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// Returns the body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// Sends a request with a JSON body.
pub async fn send(host: &Host, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
    let body = body.into();
    let headers: &[_] = if body.is_empty() { &[] } else { &[("content-type", "application/json")] };
    send_with(host, method, path, headers, body).await
}

/// Sends a GET request.
pub async fn get(host: &Host, path: &str) -> Answer {
    send(host, Method::GET, path, "").await
}

/// Writes pieces to a new connection, and returns the text that arrives until the host closes the connection.
pub async fn raw(host: &Host, pieces: &[&[u8]]) -> String {
    let mut stream = TcpStream::connect(host.address()).await.unwrap();
    for piece in pieces {
        // The host may answer and close before it has read everything.
        drop(stream.write_all(piece).await);
        drop(stream.flush().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut answer = Vec::new();
    drop(tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection is closed"));
    String::from_utf8_lossy(&answer).into_owned()
}

/// Makes an app with these functions and additional files in a temporary folder.
pub fn app_of(functions: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("host.json", r#"{ "version": "2.0" }"#);
    write("package.json", r#"{ "main": "index.js" }"#);
    let from = serde_json::to_string(env!("CARGO_MANIFEST_DIR")).unwrap();
    let library = format!("require(require.resolve('@azure/functions', {{ paths: [{from}] }}))");
    write("index.js", &format!("const library = {library}, {{ app }} = library;\n{functions}"));
    for (name, text) in files {
        write(name, text);
    }
    folder
}

/// Waits until the function `calls` of an app shows this many calls of other functions, and returns them.
pub async fn calls(host: &Host, count: usize) -> Vec<serde_json::Value> {
    let waiting = async {
        loop {
            let answer = get(host, "/api/calls").await;
            let calls = if answer.status == 200 { answer.json().as_array().unwrap().clone() } else { Vec::new() };
            if calls.len() >= count {
                return calls;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the functions ran")
}

/// Returns the options for an app in a folder, on a free port.
pub fn options_of(app: &tempfile::TempDir) -> HostOptions {
    HostOptions { port: 0, ..HostOptions::new(app.path()) }
}

/// Sends a request with these header fields and this body.
pub async fn send_with(
    host: &Host,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("http://{}{path}", host.address()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let answering = async {
        let response = client.request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
    };
    tokio::time::timeout(PATIENCE, answering).await.expect("an answer in time")
}
