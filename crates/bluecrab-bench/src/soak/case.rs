//! A request of the traffic, and what must come back.

use crate::client::Answer;
use bytes::Bytes;
use hyper::Method;
use std::fmt;

/// What kind of request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Good, and answered on the event loop.
    Inline,
    /// Good, and answered on a worker thread.
    Pooled,
    /// Bad: answered with a status of 400 to 499.
    Refused,
    /// The function panics, traps, or gives what is no answer.
    Failing,
    /// The function takes longer than it may.
    Late,
    /// The client leaves before the answer.
    Leaving,
}

impl Kind {
    /// All of them, with how many in a hundred requests each is.
    pub const SHARES: [(Self, usize); 6] = [
        (Self::Inline, 40),
        (Self::Pooled, 30),
        (Self::Refused, 17),
        (Self::Failing, 10),
        (Self::Late, 1),
        (Self::Leaving, 2),
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Inline => "good, on the event loop",
            Self::Pooled => "good, on a thread",
            Self::Refused => "bad (4xx)",
            Self::Failing => "panics and traps (5xx)",
            Self::Late => "too slow (504)",
            Self::Leaving => "client leaves",
        })
    }
}

/// A request and its answer.
#[derive(Debug, Clone)]
pub struct Case {
    pub kind: Kind,
    pub method: Method,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Bytes>,
    pub expected: Expected,
}

/// What must come back.
#[derive(Debug, Clone)]
pub enum Expected {
    /// 200 with these bytes.
    Bytes(Bytes),
    /// A problem with this status (RFC 9457).
    Problem(u16),
    /// This status and no body, as the platform does it.
    Empty(u16),
}

impl Case {
    /// A GET.
    pub fn get(kind: Kind, path: &str, expected: Expected) -> Self {
        let path = format!("/api/{path}");
        Self { kind, method: Method::GET, path, headers: Vec::new(), body: None, expected }
    }

    /// A POST.
    pub fn post(kind: Kind, path: &str, body: impl Into<Bytes>, expected: Expected) -> Self {
        Self { method: Method::POST, body: Some(body.into()), ..Self::get(kind, path, expected) }
    }

    /// The same with a header field.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// What is wrong with an answer; nothing where it is as expected.
    pub fn fault(&self, answer: &Answer) -> Option<String> {
        let Answer { status, content_type, body, .. } = answer;
        let fault = match &self.expected {
            Expected::Bytes(expected) if *status == 200 => (body != expected).then(|| difference(body, expected)),
            Expected::Problem(expected) if status == expected => {
                let problem: Option<serde_json::Value> = serde_json::from_slice(body).ok();
                let named = problem.as_ref().and_then(|problem| problem["status"].as_u64());
                (content_type != "application/problem+json" || named != Some(u64::from(*expected)))
                    .then(|| format!("{status} without a problem: {content_type} {}", excerpt(body)))
            }
            Expected::Empty(expected) if status == expected && body.is_empty() => None,
            _ => Some(format!("{status}: {}", excerpt(body))),
        };
        fault.map(|fault| format!("{} {} ({}): {fault}", self.method, self.path, self.kind))
    }
}

fn difference(body: &[u8], expected: &[u8]) -> String {
    let at = body.iter().zip(expected).position(|(one, two)| one != two).unwrap_or(body.len().min(expected.len()));
    format!("{} bytes instead of {}, the first difference at {at}", body.len(), expected.len())
}

fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, content_type: &str, body: &'static str) -> Answer {
        let latency = std::time::Duration::ZERO;
        Answer { status, content_type: content_type.to_owned(), body: body.into(), latency }
    }

    #[test]
    fn an_answer_that_differs_is_told() {
        let good = Case::get(Kind::Inline, "hello", Expected::Bytes("hello".into()));
        assert_eq!(good.fault(&answer(200, "", "hello")), None);
        assert!(good.fault(&answer(200, "", "hellO")).unwrap().ends_with("difference at 4"));
        assert!(good.fault(&answer(200, "", "hel")).unwrap().contains("3 bytes instead of 5"));
        assert!(good.fault(&answer(503, "", "hello")).unwrap().contains("503"));

        let bad = Case::get(Kind::Refused, "none", Expected::Problem(404));
        assert_eq!(bad.fault(&answer(404, "application/problem+json", r#"{"status":404}"#)), None);
        let empty = Case { expected: Expected::Empty(404), ..bad.clone() };
        assert_eq!(empty.fault(&answer(404, "", "")), None);
        assert!(empty.fault(&answer(404, "", "x")).is_some());
        for wrong in [
            answer(404, "application/problem+json", r#"{"status":400}"#),
            answer(404, "application/json", r#"{"status":404}"#),
            answer(404, "application/problem+json", ""),
            answer(400, "application/problem+json", r#"{"status":400}"#),
        ] {
            assert!(bad.fault(&wrong).is_some());
        }
    }
}
