//! Sends a span for each invocation to a collector: the OpenTelemetry protocol (OTLP), as JSON over HTTP.

use crate::console;
use crate::error::HostError;
use crate::storage::deepest;
use bluecrab_rpc::RpcTraceContext;
use bytes::Bytes;
use http::{Method, Request, Uri, header};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// More spans than this do not wait for a slow collector.
const MAX_WAITING: usize = 4096;
/// How many spans one request carries at most.
const MAX_BATCH: usize = 512;
/// How long the collector may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How long the host waits for the last spans to be sent.
const LAST_MOMENT: Duration = Duration::from_secs(2);

/// Starts spans, if there is a collector. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Spans(Option<mpsc::Sender<Value>>);

/// Sends the spans until the host stops.
pub struct SpanExporter {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// What called a function, by the number that the protocol has for it.
#[derive(Clone, Copy)]
pub enum Kind {
    /// An HTTP request.
    Server = 2,
    /// Another trigger.
    Consumer = 5,
}

/// The span of an invocation. It ends when it is dropped.
pub struct Span {
    sender: mpsc::Sender<Value>,
    trace: String,
    id: String,
    state: String,
    /// The span as JSON, without its end.
    fields: Value,
}

impl Spans {
    /// Connects to the collector at this address, such as `http://localhost:4318`.
    ///
    /// # Errors
    /// Returns an error if it is not such an address.
    pub fn to(collector: &str, service: String) -> Result<(Self, SpanExporter), HostError> {
        let wrong = |reason| HostError::WrongOption { option: "--otlp", reason };
        let address = format!("{}/v1/traces", collector.trim_end_matches('/'));
        let uri: Uri = address.parse().map_err(|error| wrong(format!("{collector} is not a URL: {error}")))?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong(format!(
                "{collector} must begin with http://, as the address of a collector on this machine"
            )));
        }
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        let stop = CancellationToken::new();
        let task = tokio::spawn(send_all(receiver, uri, service, stop.clone()));
        Ok((Self(Some(sender)), SpanExporter { stop, task }))
    }

    /// Starts the span of an invocation, below the caller's span. Returns nothing if there is no collector, or if the
    /// caller has decided not to record the trace.
    pub fn start(
        &self,
        kind: Kind,
        function: &str,
        id: &str,
        caller: Option<&str>,
        state: Option<&str>,
    ) -> Option<Span> {
        let sender = self.0.clone()?;
        let caller = caller.and_then(parse);
        if caller.is_some_and(|(_, _, is_sampled)| !is_sampled) {
            return None;
        }
        let random = || Uuid::new_v4().simple().to_string();
        let trace = caller.map_or_else(random, |(trace, ..)| trace.to_owned());
        let own = random()[..16].to_owned();
        let mut span = Span {
            sender,
            fields: json!({
                "traceId": trace,
                "spanId": own,
                "name": function,
                "kind": kind as u8,
                "startTimeUnixNano": now(),
                "attributes": [],
            }),
            trace,
            id: own,
            state: caller.and(state).unwrap_or_default().to_owned(),
        };
        if let Some((_, parent, _)) = caller {
            span.fields["parentSpanId"] = json!(parent);
        }
        span.set("faas.invocation_id", json!({ "stringValue": id }));
        Some(span)
    }
}

impl Span {
    /// Returns what the worker gets, so that the spans of the app are below this one.
    pub fn context(&self) -> RpcTraceContext {
        let trace_parent = format!("00-{}-{}-01", self.trace, self.id);
        RpcTraceContext { trace_parent, trace_state: self.state.clone(), ..RpcTraceContext::default() }
    }

    /// Adds the method, the path and the status of an HTTP call. A status from 500 on is a failure.
    pub fn answered(&mut self, method: &Method, path: &str, status: u16) {
        self.set("http.request.method", json!({ "stringValue": method.as_str() }));
        self.set("url.path", json!({ "stringValue": path }));
        self.set("http.response.status_code", json!({ "intValue": status.to_string() }));
        if status >= 500 {
            self.fields["status"] = json!({ "code": 2 });
        }
    }

    /// Says why the invocation failed.
    pub fn failed(&mut self, reason: &str) {
        self.fields["status"] = json!({ "code": 2, "message": reason });
    }

    fn set(&mut self, name: &str, value: Value) {
        if let Some(attributes) = self.fields["attributes"].as_array_mut() {
            attributes.push(json!({ "key": name, "value": value }));
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let mut span = self.fields.take();
        span["endTimeUnixNano"] = json!(now());
        // If too many wait, the collector misses this one.
        drop(self.sender.try_send(span));
    }
}

impl SpanExporter {
    /// Sends the spans that have ended, and no more.
    pub async fn stop(self) {
        self.stop.cancel();
        drop(tokio::time::timeout(LAST_MOMENT, self.task).await);
    }
}

/// Sends spans as they come: while one request is on its way, the spans for the next gather.
async fn send_all(mut spans: mpsc::Receiver<Value>, uri: Uri, service: String, stop: CancellationToken) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (mut batch, mut has_failed) = (Vec::new(), false);
    loop {
        let count = tokio::select! {
            biased;
            () = stop.cancelled(), if !spans.is_closed() => {
                spans.close();
                continue;
            }
            count = spans.recv_many(&mut batch, MAX_BATCH) => count,
        };
        if count == 0 {
            return;
        }
        let sent = send(&client, &uri, &service, std::mem::take(&mut batch)).await;
        if let Err(reason) = &sent
            && !has_failed
        {
            console::warn(&format!("spans are lost, because the collector at {uri} does not take them: {reason}"));
        }
        has_failed = sent.is_err();
    }
}

async fn send(
    client: &Client<HttpConnector, Full<Bytes>>,
    uri: &Uri,
    service: &str,
    spans: Vec<Value>,
) -> Result<(), String> {
    let body = json!({ "resourceSpans": [{
        "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": service } }] },
        "scopeSpans": [{ "scope": { "name": "bluecrab-host", "version": env!("CARGO_PKG_VERSION") }, "spans": spans }],
    }] });
    let request = Request::post(uri.clone()).header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Full::from(body.to_string())).map_err(|error| error.to_string())?;
    match tokio::time::timeout(ANSWER_LIMIT, client.request(request)).await {
        Err(_) => Err(format!("it has not answered for {} s", ANSWER_LIMIT.as_secs())),
        Ok(Err(error)) => Err(deepest(&error).to_string()),
        Ok(Ok(response)) if !response.status().is_success() => Err(format!("it answers {}", response.status())),
        Ok(Ok(_)) => Ok(()),
    }
}

fn now() -> String {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

/// Reads a `traceparent`: the trace, the span, and whether the trace is recorded (W3C Trace Context, section 3.2).
fn parse(header: &str) -> Option<(&str, &str, bool)> {
    let mut fields = header.trim().split('-');
    let mut field = |length| fields.next().filter(|field| field.len() == length && is_hex(field));
    let (version, trace, span, flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
    let is_zero = |field: &str| field.bytes().all(|digit| digit == b'0');
    let is_valid = version != "ff" && !is_zero(trace) && !is_zero(span) && (version != "00" || fields.next().is_none());
    let flags = u8::from_str_radix(flags, 16).ok()?;
    is_valid.then_some((trace, span, flags & 1 == 1))
}

fn is_hex(field: &str) -> bool {
    field.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_parent_is_read_as_the_standard_says() {
        let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        assert_eq!(parse(&format!("00-{trace}-{span}-01")), Some((trace, span, true)));
        assert_eq!(parse(&format!("00-{trace}-{span}-02")), Some((trace, span, false)));
        assert_eq!(parse(&format!("01-{trace}-{span}-01-more")), Some((trace, span, true)));
        for wrong in [
            String::new(),
            format!("ff-{trace}-{span}-01"),
            format!("00-{trace}-{span}-01-more"),
            format!("00-{trace}-{span}"),
            format!("00-{}-{span}-01", trace.to_uppercase()),
            format!("00-{}-{span}-01", "0".repeat(32)),
            format!("00-{trace}-{}-01", "0".repeat(16)),
            format!("00-{trace}-{span}-é1"),
        ] {
            assert_eq!(parse(&wrong), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn spans_follow_the_decision_of_the_caller() {
        let parent = |flags| format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
        let (spans, exporter) = Spans::to("http://127.0.0.1:9/", "app".to_owned()).unwrap();
        assert!(spans.start(Kind::Server, "f", "1", Some(&parent("00")), None).is_none());
        let span = spans.start(Kind::Server, "f", "1", Some(&parent("01")), Some("a=1")).unwrap();
        let context = span.context();
        assert!(context.trace_parent.starts_with("00-0af7651916cd43dd8448eb211c80319c-"), "{context:?}");
        assert_eq!((&*span.fields["parentSpanId"].to_string(), &*context.trace_state), ("\"b7ad6b7169203331\"", "a=1"));
        let own = spans.start(Kind::Consumer, "f", "1", Some("nonsense"), Some("a=1")).unwrap();
        assert!(own.fields["parentSpanId"].is_null() && own.state.is_empty());
        drop((span, own));
        exporter.stop().await;
        assert!(Spans::default().start(Kind::Server, "f", "1", None, None).is_none());
    }

    #[tokio::test]
    async fn other_addresses_are_refused() {
        for wrong in ["https://collector.example", "localhost:4318", "http://a b"] {
            let refused = Spans::to(wrong, "app".to_owned()).map(drop).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("--otlp: {wrong} ")), "{refused}");
        }
    }
}
