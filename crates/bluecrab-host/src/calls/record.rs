//! What is kept about one invocation.

use super::payload::Payload;
use http::{Method, StatusCode, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How many lines of an invocation's log are kept.
const LOG_LINES: usize = 100;
/// How many bytes of a line are kept.
const LINE_BYTES: usize = 2 << 10;

/// Why a function runs.
#[derive(Debug, Clone)]
pub enum Cause {
    /// A request over HTTP.
    Http { method: Method, uri: Uri },
    /// Something else, in the words of the log.
    Fired { reason: String },
}

/// How an invocation has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Running,
    /// An HTTP function was answered.
    Answered(StatusCode),
    /// Another function succeeded.
    Succeeded,
    /// Another function failed.
    Failed,
    /// The client disconnected, or the host stopped.
    Abandoned,
}

/// The times of an invocation, from its beginning.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    /// When the worker was told to run the function.
    pub sent: Option<Duration>,
    /// When the function had answered.
    pub answered: Option<Duration>,
    /// When the response had been sent.
    pub ended: Option<Duration>,
}

/// What a list of invocations shows.
#[derive(Debug, Clone)]
pub struct Head {
    /// Counts the invocations of the host.
    pub number: u64,
    /// Grows with each change of any invocation.
    pub changed: u64,
    pub id: String,
    pub function: Arc<str>,
    pub cause: Cause,
    pub began: Timestamp,
    pub outcome: Outcome,
    pub times: Times,
    /// What the function itself has measured: its header `Server-Timing`.
    pub server_timing: Option<String>,
    /// The memory of the worker's process after the invocation, in bytes.
    pub memory: Option<u64>,
    /// How many lines the log has.
    pub lines: usize,
}

/// A line of an invocation's log.
#[derive(Debug, Clone)]
struct LogLine {
    level: String,
    text: String,
}

/// What is kept about an invocation. Payloads are kept only while a page is open.
#[derive(Debug)]
pub struct Record {
    pub head: Head,
    pub request: Option<Payload>,
    pub response: Option<Payload>,
    log: Vec<LogLine>,
}

impl Record {
    pub fn new(head: Head, request: Option<Payload>) -> Self {
        Self { head, request, response: None, log: Vec::new() }
    }

    /// Adds a line to the log, and drops lines that are too many.
    pub fn log(&mut self, level: &str, text: &str) {
        self.head.lines += 1;
        if self.log.len() < LOG_LINES {
            let mut end = text.len().min(LINE_BYTES);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            self.log.push(LogLine { level: level.to_owned(), text: text[..end].to_owned() });
        }
    }

    /// Returns everything that is kept.
    pub fn details(&self) -> Value {
        let line = |line: &LogLine| json!({ "level": line.level, "text": line.text });
        let mut details = self.head.to_json();
        details["log"] = self.log.iter().map(line).collect();
        details["request"] = json!(self.request);
        details["response"] = json!(self.response);
        details
    }
}

impl Head {
    pub fn to_json(&self) -> Value {
        let milliseconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64() * 1000.0);
        let (method, path, reason) = match &self.cause {
            Cause::Http { method, uri } => {
                (Some(method.as_str()), uri.path_and_query().map(|path| path.as_str()), None)
            }
            Cause::Fired { reason } => (None, None, Some(reason)),
        };
        let (state, status) = match self.outcome {
            Outcome::Running => ("running", None),
            Outcome::Answered(status) if status.as_u16() < 400 => ("succeeded", Some(status.as_u16())),
            Outcome::Answered(status) => ("failed", Some(status.as_u16())),
            Outcome::Succeeded => ("succeeded", None),
            Outcome::Failed => ("failed", None),
            Outcome::Abandoned => ("abandoned", None),
        };
        json!({
            "number": self.number,
            "id": self.id,
            "function": &*self.function,
            "method": method,
            "path": path,
            "reason": reason,
            "began": self.began.to_string(),
            "state": state,
            "status": status,
            "sent": milliseconds(self.times.sent),
            "answered": milliseconds(self.times.answered),
            "ended": milliseconds(self.times.ended),
            "serverTiming": self.server_timing,
            "memory": self.memory,
            "lines": self.lines,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_an_invocation_is_bounded() {
        let head = Head {
            number: 0,
            changed: 0,
            id: String::new(),
            function: "f".into(),
            cause: Cause::Fired { reason: String::new() },
            began: Timestamp::UNIX_EPOCH,
            outcome: Outcome::Running,
            times: Times::default(),
            server_timing: None,
            memory: None,
            lines: 0,
        };
        let mut record = Record::new(head, None);
        for _ in 0..LOG_LINES + 5 {
            record.log("information", &"é".repeat(LINE_BYTES));
        }
        let details = record.details();
        assert_eq!((details["lines"].as_u64(), record.log.len()), (Some(LOG_LINES as u64 + 5), LOG_LINES));
        assert_eq!(record.log[0].text.len(), LINE_BYTES);
    }
}
