//! Builds requests for tests.

use crate::body::Bytes;
use crate::head::RequestHead;
use crate::invocation::{Attempts, Invocation, TraceContext};
use crate::request::Request;
use serde::Serialize;

/// Builds requests for tests.
impl Request {
    /// What another trigger than HTTP brings: a message, an event, a blob, or nothing.
    pub fn message(body: impl Into<Bytes>) -> Self {
        let head = RequestHead { invocation: Some(Box::default()), ..RequestHead::default() };
        Self { head, body: body.into() }
    }

    /// Several messages or events, for a function with a [`Batch`](crate::Batch).
    pub fn batch<B: Into<Bytes>>(items: impl IntoIterator<Item = B>) -> Self {
        let items: Vec<Bytes> = items.into_iter().map(Into::into).collect();
        let mut request = Self::message(items.concat());
        request.invocation().items = items;
        request
    }

    /// Adds a member to the trigger's metadata, such as `dequeueCount`.
    ///
    /// # Panics
    /// Panics if the value cannot be written as JSON.
    #[must_use]
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let value =
            serde_json::to_value(value).unwrap_or_else(|error| panic!("the value cannot be written as JSON: {error}"));
        self.invocation().metadata.insert(name.into(), value);
        self
    }

    /// Adds an input. An input that is not added does not exist. A field `small_picture` of a struct with
    /// `#[derive(Inputs)]` is the input `smallPicture`.
    #[must_use]
    pub fn with_input(mut self, name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        self.invocation().inputs.push((name.into(), bytes.into()));
        self
    }

    /// Sets the id of the invocation.
    #[must_use]
    pub fn with_invocation_id(mut self, id: impl Into<String>) -> Self {
        self.invocation().invocation_id = id.into();
        self
    }

    /// Sets the trace context.
    #[must_use]
    pub fn with_trace(mut self, trace: TraceContext) -> Self {
        self.invocation().trace = trace;
        self
    }

    /// Sets the attempts under a retry policy.
    #[must_use]
    pub fn with_attempts(mut self, attempts: Attempts) -> Self {
        self.invocation().retry = Some(attempts);
        self
    }

    fn invocation(&mut self) -> &mut Invocation {
        let http = || Box::new(Invocation { is_http: true, ..Invocation::default() });
        self.head.invocation.get_or_insert_with(http)
    }

    /// A request with a method and a URL, such as `/api/rows?full=1`, without header fields or a body.
    ///
    /// The query string is read from the URL. If the URL has no origin, the origin is `http://localhost`.
    pub fn new(method: &str, url: &str) -> Self {
        let origin = if url.starts_with('/') { "http://localhost" } else { "" };
        let (url, _fragment) = url.split_once('#').unwrap_or((url, ""));
        let (_, query) = url.split_once('?').unwrap_or((url, ""));
        let head = RequestHead {
            method: method.to_ascii_uppercase(),
            url: format!("{origin}{url}"),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            ..RequestHead::default()
        };
        Self { head, ..Self::default() }
    }

    /// A GET request.
    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// A POST request.
    pub fn post(url: &str) -> Self {
        Self::new("POST", url)
    }

    /// A PUT request.
    pub fn put(url: &str) -> Self {
        Self::new("PUT", url)
    }

    /// A PATCH request.
    pub fn patch(url: &str) -> Self {
        Self::new("PATCH", url)
    }

    /// A DELETE request.
    pub fn delete(url: &str) -> Self {
        Self::new("DELETE", url)
    }

    /// Adds a route parameter. Add them in the order of the route.
    #[must_use]
    pub fn with_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.head.params.push((name.into(), value.into()));
        self
    }

    /// Adds a header field. The values of repeated fields are joined by commas, as the runtime does it.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut fields: Vec<(String, String)> = self.head.headers.iter().map(owned).collect();
        match fields.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => known.extend([", ", value]),
            None => fields.push((name.to_owned(), value.to_owned())),
        }
        self.head.headers = fields.into_iter().collect();
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the body to a value as JSON, and adds the header `Content-Type: application/json`.
    ///
    /// # Panics
    /// Panics if the value cannot be written as JSON.
    #[must_use]
    pub fn with_json(self, value: &impl Serialize) -> Self {
        let json =
            serde_json::to_vec(value).unwrap_or_else(|error| panic!("the value cannot be written as JSON: {error}"));
        self.with_body(json).with_header("content-type", "application/json")
    }
}
