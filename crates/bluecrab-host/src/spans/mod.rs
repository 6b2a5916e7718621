//! A span for each invocation, in the OpenTelemetry protocol (OTLP). The names of attributes are those of OpenTelemetry's
//! semantic conventions for functions (FaaS) and HTTP servers.

mod attributes;
mod exporter;

pub use attributes::{SERVICE_NAME, service_name};
pub use exporter::SpanExporter;

use crate::app::App;
use crate::error::HostError;
use crate::worker::Function;
use attributes::{attribute, kind, resource, trigger};
use bluecrab_rpc::RpcTraceContext;
use http::{Method, Uri};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Starts spans, if there is a collector. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Spans(Option<Arc<Collector>>);

#[derive(Debug)]
struct Collector {
    sender: mpsc::Sender<Value>,
    /// The name of the app.
    service: String,
}

/// The span of an invocation. It ends when it is dropped.
pub struct Span {
    sender: mpsc::Sender<Value>,
    trace: String,
    id: String,
    state: String,
    /// The span as JSON, without its end.
    fields: Value,
    /// Whether a client waits for the response.
    is_awaited: bool,
}

impl Spans {
    /// Connects to the collector at this address, such as `http://localhost:4318`.
    ///
    /// # Errors
    /// Returns an error if it is not such an address.
    pub fn to(collector: &str, app: &App) -> Result<(Self, SpanExporter), HostError> {
        let wrong = |reason| HostError::WrongOption { option: "--otlp", reason };
        let address = format!("{}/v1/traces", collector.trim_end_matches('/'));
        let uri: Uri = address.parse().map_err(|error| wrong(format!("{collector} is not a URL: {error}")))?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong(format!(
                "{collector} must begin with http://, as the address of a collector on this machine"
            )));
        }
        let (sender, exporter) = SpanExporter::start(uri, resource(app));
        Ok((Self(Some(Arc::new(Collector { sender, service: service_name(app) }))), exporter))
    }

    /// Starts the span of an invocation, below the caller's span. Returns nothing if there is no collector, or if the
    /// caller has decided not to record the trace.
    pub fn start(&self, function: &Function, id: &str, caller: Option<&str>, state: Option<&str>) -> Option<Span> {
        let Collector { sender, service } = self.0.as_deref()?;
        let caller = caller.and_then(parse);
        if caller.is_some_and(|(_, _, is_sampled)| !is_sampled) {
            return None;
        }
        let random = || Uuid::new_v4().simple().to_string();
        let trace = caller.map_or_else(random, |(trace, ..)| trace.to_owned());
        let own = random()[..16].to_owned();
        let mut span = Span {
            sender: sender.clone(),
            fields: json!({
                "traceId": trace,
                "spanId": own,
                "name": &*function.name,
                "kind": kind(function),
                "startTimeUnixNano": now(),
                "attributes": [
                    attribute("faas.name", &format!("{service}/{}", function.name)),
                    attribute("faas.trigger", trigger(function)),
                    attribute("faas.invocation_id", id),
                ],
            }),
            trace,
            id: own,
            state: caller.and(state).unwrap_or_default().to_owned(),
            is_awaited: false,
        };
        if let Some((_, parent, _)) = caller {
            span.fields["parentSpanId"] = json!(parent);
        }
        Some(span)
    }
}

impl Span {
    /// Returns what the worker gets, so that the spans of the app are below this one.
    pub fn context(&self) -> RpcTraceContext {
        let trace_parent = format!("00-{}-{}-01", self.trace, self.id);
        RpcTraceContext { trace_parent, trace_state: self.state.clone(), ..RpcTraceContext::default() }
    }

    /// Adds what a client has asked for. The query is left out, because it may contain keys.
    pub fn requested(&mut self, method: &Method, scheme: &str, path: &str, route: &str) {
        self.set(attribute("http.request.method", method.as_str()));
        self.set(attribute("url.scheme", scheme));
        self.set(attribute("url.path", path));
        self.set(attribute("http.route", route));
        self.is_awaited = true;
    }

    /// Adds the status of the response. A status from 500 on is a failure.
    pub fn answered(&mut self, status: u16) {
        self.is_awaited = false;
        self.set(json!({ "key": "http.response.status_code", "value": { "intValue": status.to_string() } }));
        if status >= 500 {
            self.set(attribute("error.type", &status.to_string()));
            self.fields["status"] = json!({ "code": 2 });
        }
    }

    /// Says why the invocation failed. `kind` is one of few words.
    pub fn failed(&mut self, kind: &str, reason: &str) {
        self.set(attribute("error.type", kind));
        self.fields["status"] = json!({ "code": 2, "message": reason });
    }

    fn set(&mut self, attribute: Value) {
        if let Some(attributes) = self.fields["attributes"].as_array_mut() {
            attributes.push(attribute);
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if self.is_awaited {
            self.failed("disconnected", "the client has gone before the response");
        }
        let mut span = self.fields.take();
        span["endTimeUnixNano"] = json!(now());
        // If too many wait, the collector misses this one.
        drop(self.sender.try_send(span));
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
        let (app, function) = (attributes::tests::app(&[]), attributes::tests::function("httpTrigger"));
        let (spans, exporter) = Spans::to("http://127.0.0.1:9/", &app).unwrap();
        let start =
            |spans: &Spans, caller: Option<&str>, state: Option<&str>| spans.start(&function, "1", caller, state);
        assert!(start(&spans, Some(&parent("00")), None).is_none());
        let span = start(&spans, Some(&parent("01")), Some("a=1")).unwrap();
        let context = span.context();
        assert!(context.trace_parent.starts_with("00-0af7651916cd43dd8448eb211c80319c-"), "{context:?}");
        assert_eq!((&*span.fields["parentSpanId"].to_string(), &*context.trace_state), ("\"b7ad6b7169203331\"", "a=1"));
        let own = start(&spans, Some("nonsense"), Some("a=1")).unwrap();
        assert!(own.fields["parentSpanId"].is_null() && own.state.is_empty());
        drop((span, own));
        exporter.stop().await;
        assert!(start(&Spans::default(), None, None).is_none());
    }

    #[tokio::test]
    async fn other_addresses_are_refused() {
        for wrong in ["https://collector.example", "localhost:4318", "http://a b"] {
            let refused = Spans::to(wrong, &attributes::tests::app(&[])).map(drop).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("--otlp: {wrong} ")), "{refused}");
        }
    }
}
