//! Runs `bluecrab dev` in tests, reads its output and sends requests to it.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
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
    /// While a test holds this, nobody reads the output.
    pub reading: Arc<Mutex<()>>,
    /// The lines, each with the index of its stream.
    lines: mpsc::Receiver<(usize, String)>,
    /// What has arrived on each stream after the last line that a test waited for.
    unread: RefCell<[Vec<String>; 2]>,
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
        let reading = Arc::default();
        follow(0, process.stdout.take().unwrap(), sender.clone(), Arc::clone(&reading));
        follow(1, process.stderr.take().unwrap(), sender, Arc::clone(&reading));
        Self { process, port: 0, reading, lines, unread: RefCell::default() }
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

    /// Drops what it has printed so far, so that no test takes an old line for a new one.
    pub fn drop_printed(&self) {
        self.lines.try_iter().for_each(drop);
        self.unread.borrow_mut().iter_mut().for_each(Vec::clear);
    }

    /// Waits for a line with this start, and returns the rest of the line.
    pub fn wait_for(&self, start: &str) -> String {
        let [rest] = self.wait_for_each([start]);
        rest
    }

    /// Waits for a line with each of these starts, in any order, and returns the rests of the lines.
    ///
    /// The lines before them are dropped, but only those of the same stream: nothing says which of two streams is read
    /// first.
    fn wait_for_each<const N: usize>(&self, starts: [&str; N]) -> [String; N] {
        let mut unread = self.unread.borrow_mut();
        loop {
            let found = starts.map(|start| {
                let place = |lines: &Vec<String>| lines.iter().position(|line| line.starts_with(start));
                (0..2).find_map(|stream| Some((stream, place(&unread[stream])?)))
            });
            if let Some(missing) = found.iter().position(Option::is_none) {
                let line = self.lines.recv_timeout(Duration::from_secs(300));
                let (stream, line) =
                    line.unwrap_or_else(|_| panic!("there is no line `{}` but\n{unread:#?}", starts[missing]));
                unread[stream].push(line);
                continue;
            }
            let places = found.map(Option::unwrap);
            let rests = std::array::from_fn(|index| {
                let (stream, place) = places[index];
                unread[stream][place][starts[index].len()..].to_owned()
            });
            for stream in 0..2 {
                let read = places.iter().filter(|place| place.0 == stream).map(|place| place.1 + 1).max();
                unread[stream].drain(..read.unwrap_or(0));
            }
            return rests;
        }
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

fn follow(
    index: usize,
    stream: impl Read + Send + 'static,
    lines: mpsc::Sender<(usize, String)>,
    reading: Arc<Mutex<()>>,
) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            drop(reading.lock());
            if lines.send((index, line)).is_err() {
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
