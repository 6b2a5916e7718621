//! Runs `bluecrab dev` in tests, reads its output and sends requests to it.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The start of the line that names the port.
const READY: &str = "Ready on http://localhost:";
/// Longer than the host waits for its worker and for running calls.
const END_LIMIT: Duration = Duration::from_secs(300);

/// A running `bluecrab dev`, which ends with the test.
pub struct Dev {
    process: Child,
    /// The port that it listens on.
    pub port: u16,
    lines: mpsc::Receiver<String>,
}

impl Dev {
    /// Starts it on a free port and waits until it is ready.
    pub fn start(command: Command, arguments: &[&str]) -> Self {
        let mut dev = Self::start_without_waiting(command, arguments);
        dev.wait_until_ready();
        dev
    }

    /// Starts it on a free port.
    pub fn start_without_waiting(mut command: Command, arguments: &[&str]) -> Self {
        command.args(["dev", "--port", "0"]);
        Self::start_as_it_is(command, arguments)
    }

    /// Starts it with only these arguments.
    pub fn start_as_it_is(mut command: Command, arguments: &[&str]) -> Self {
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        follow(process.stdout.take().unwrap(), sender.clone());
        follow(process.stderr.take().unwrap(), sender);
        Self { process, port: 0, lines }
    }

    /// Starts it on a free port and waits until it is ready and has printed a line with this start. Returns the rest of the
    /// line, which may come before or after the host is ready.
    pub fn start_until(command: Command, arguments: &[&str], start: &str) -> (Self, String) {
        let mut dev = Self::start_without_waiting(command, arguments);
        let [ready, said] = dev.wait_for_each([READY, start]);
        dev.serves_on(&ready);
        (dev, said)
    }

    /// Waits until the app is served, for the first time or again.
    pub fn wait_until_ready(&mut self) {
        let ready = self.wait_for(READY);
        self.serves_on(&ready);
    }

    fn serves_on(&mut self, ready: &str) {
        self.port = ready.split(' ').next().unwrap().parse().unwrap();
    }

    /// Waits for a line with this start, and returns the rest of the line.
    pub fn wait_for(&self, start: &str) -> String {
        let [rest] = self.wait_for_each([start]);
        rest
    }

    /// Waits for a line with each of these starts, in any order, and returns the rests of the lines.
    fn wait_for_each<const N: usize>(&self, starts: [&str; N]) -> [String; N] {
        let mut found = [const { None }; N];
        let mut before = Vec::new();
        while let Some(missing) = found.iter().position(Option::is_none) {
            let line = self.lines.recv_timeout(Duration::from_secs(300));
            let line =
                line.unwrap_or_else(|_| panic!("there is no line `{}` but\n{}", starts[missing], before.join("\n")));
            let matches = |&index: &usize| found[index].is_none() && line.starts_with(starts[index]);
            match (0..N).find(matches) {
                Some(index) => found[index] = Some(line[starts[index].len()..].to_owned()),
                None => before.push(line),
            }
        }
        found.map(Option::unwrap)
    }

    /// Returns the process id.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Waits until it has ended. Returns its exit code, or `None` if a signal ended it.
    pub fn wait(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code();
            }
            // It does not end if the signal is ignored, as SIGHUP is by everything that `nohup` starts.
            assert!(start.elapsed() < END_LIMIT, "bluecrab dev does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a POST request, and returns the status and body of the response.
    pub fn post(&self, path: &str, body: &str) -> (u16, String) {
        post(self.port, path, body)
    }

    /// Sends a POST request with these header fields, and returns the head of the response in lower case.
    pub fn head_of_post(&self, path: &str, fields: &str) -> String {
        exchange(self.port, path, fields, "").0.to_lowercase()
    }

    /// Sends a POST request with a JSON body.
    pub fn post_json(&self, path: &str, body: &str) -> (u16, String) {
        post_with(self.port, path, "content-type: application/json\r\n", body)
    }
}

/// Sends a POST request on a new connection, and returns the status and body of the response.
pub fn post(port: u16, path: &str, body: &str) -> (u16, String) {
    post_with(port, path, "", body)
}

fn post_with(port: u16, path: &str, fields: &str, body: &str) -> (u16, String) {
    let (head, body) = exchange(port, path, fields, body);
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body)
}

/// Sends a POST request, and returns the head and the body of the response.
fn exchange(port: u16, path: &str, fields: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{fields}connection: close\r\ncontent-length: {length}");
    write!(stream, "{head}\r\ncontent-type: application/json\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn follow(stream: impl Read + Send + 'static, lines: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

impl Drop for Dev {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
