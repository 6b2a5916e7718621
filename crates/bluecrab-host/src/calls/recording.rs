//! One invocation, while it is being recorded.

use super::payload::{Payload, texts};
use super::record::{Cause, Outcome, Times};
use super::ring::Calls;
use super::tap::Tap;
use crate::body::Answer;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use std::sync::Arc;
use std::time::Instant;

/// An invocation that is being recorded. Dropping it notes that nobody waits for its end.
pub struct Recording {
    calls: Calls,
    /// `None` after its end, or if the host has no page.
    number: Option<u64>,
    since: Instant,
    times: Times,
}

impl Recording {
    /// Begins to record an invocation. `request` is called only while a page is open.
    pub fn begin(
        calls: &Calls,
        function: &Arc<str>,
        id: &str,
        cause: Cause,
        since: Instant,
        request: impl FnOnce() -> Payload,
    ) -> Self {
        let number = calls.add(function, id, cause, request);
        Self { calls: calls.clone(), number, since, times: Times::default() }
    }

    /// Notes the response to a request. While a page is open, the end is noted when the response has been sent.
    pub fn answered(mut self, answer: Answer, method: &Method, sent: Option<&Instant>) -> Answer {
        if self.number.is_none() {
            return answer;
        }
        self.times.sent = sent.map(|sent| sent.saturating_duration_since(self.since));
        self.times.answered = Some(self.since.elapsed());
        // The HTTP library sends no body to HEAD.
        if !self.calls.is_watched() || *method == Method::HEAD {
            self.end(answer.status(), server_timing(answer.headers()), None);
            return answer;
        }
        let (parts, body) = answer.into_parts();
        let (status, headers) = (parts.status, parts.headers.clone());
        let tap = Tap::new(body, move |body| {
            let response = Payload { headers: texts(&headers), body, ..Payload::default() };
            self.end(status, server_timing(&headers), Some(response));
        });
        Answer::from_parts(parts, tap.boxed_unsync())
    }

    /// Notes that a response has been sent.
    fn end(mut self, status: StatusCode, server_timing: Option<String>, response: Option<Payload>) {
        self.times.ended = Some(self.since.elapsed());
        self.finish(Outcome::Answered(status), server_timing, response);
    }

    /// Notes the end of a function that HTTP did not call. `returned` is called only while a page is open.
    pub fn finished(mut self, succeeded: bool, returned: impl FnOnce() -> Option<Payload>) {
        self.times.ended = Some(self.since.elapsed());
        let response = self.calls.is_watched().then(returned).flatten();
        self.finish(if succeeded { Outcome::Succeeded } else { Outcome::Failed }, None, response);
    }

    fn finish(&mut self, outcome: Outcome, server_timing: Option<String>, response: Option<Payload>) {
        let Some(number) = self.number.take() else { return };
        self.calls.change(number, |record| {
            (record.head.outcome, record.head.times) = (outcome, self.times);
            (record.head.server_timing, record.response) = (server_timing, response);
        });
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.finish(Outcome::Abandoned, None, None);
    }
}

/// Returns the times that a function has measured itself.
fn server_timing(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("server-timing")?.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::whole;

    #[tokio::test]
    async fn a_response_is_recorded_when_it_has_been_sent() {
        let calls = Calls::new(true);
        let open = calls.open();
        let begin = |id| {
            let cause = Cause::Fired { reason: "test".to_owned() };
            Recording::begin(&calls, &"f".into(), id, cause, Instant::now(), Payload::default)
        };
        let answer = |id| begin(id).answered(Answer::new(whole("sent")), &Method::GET, None);
        let state = |id| calls.details(id).unwrap();
        let sent = answer("sent");
        assert_eq!(state("sent")["state"], "running");
        assert_eq!(sent.into_body().collect().await.unwrap().to_bytes(), "sent");
        assert_eq!((&state("sent")["status"], &state("sent")["response"]["text"]), (&200.into(), &"sent".into()));
        drop(answer("left"));
        assert_eq!(state("left")["state"], "abandoned");
        drop(begin("dropped"));
        assert_eq!(state("dropped")["state"], "abandoned");
        drop(open);
        drop(answer("unseen"));
        assert_eq!(state("unseen")["state"], "succeeded", "without a page, the response is not watched");
    }
}
