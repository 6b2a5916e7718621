//! Reads and writes the heads that cross the ABI: `docs/abi.md`, sections 3 and 13.

use crate::body::Bytes;
use crate::head::{RequestHead, pairs_of_object};
use crate::headers::Headers;
use crate::invocation::{Attempts, Invocation, TraceContext};
use crate::json_text::read;
use crate::output::Output;
use crate::request::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Reads requests that have only the parts of HTTP. A head that equals the head before is not read again: most requests
/// of a function differ only in their body.
#[derive(Default)]
pub struct PlainReader {
    bytes: Bytes,
    head: RequestHead,
}

impl PlainReader {
    /// A reader that has read an empty head.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a request. Without bytes the head is empty.
    ///
    /// # Errors
    /// Fails if the bytes are not the JSON of a head.
    pub fn read(&mut self, head: Bytes, body: Bytes) -> Result<Request, String> {
        if self.bytes != head {
            self.head = match &*head {
                [] => RequestHead::default(),
                text => bluecrab_json::from_slice(text).map_err(|error| error.to_string())?,
            };
            self.bytes = head;
        }
        let RequestHead { method, url, params, query, headers, invocation: _ } = &self.head;
        // Without `RequestHead::clone`, the module need not contain the code that clones an invocation.
        let (method, url, params, query) = (method.clone(), url.clone(), params.clone(), query.clone());
        Ok(Request {
            head: RequestHead { method, url, params, query, headers: headers.clone(), invocation: None },
            body,
        })
    }
}

/// The head of any request.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Head {
    method: String,
    url: String,
    #[serde(deserialize_with = "pairs_of_object")]
    params: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: Headers,
    invocation_id: String,
    trace: TraceContext,
    retry: Option<Attempts>,
    metadata: Map<String, Value>,
    items: Vec<Span>,
    inputs: BTreeMap<String, Span>,
}

/// The offset and the length of a part of the body.
#[derive(Deserialize, Clone, Copy)]
struct Span(usize, usize);

/// Reads any request.
///
/// # Errors
/// Fails if the bytes are not the JSON of a head, or if the head names a part that the body does not have.
pub fn read_any(head: &[u8], body: Bytes, is_http: bool) -> Result<Request, String> {
    let head: Head = if head.is_empty() { Head::default() } else { read(head).map_err(|(error, _)| error)? };
    let whole = Rc::new(body);
    let part = |Span(offset, length)| {
        let missing = || format!("the body of {} bytes has no {length} bytes at {offset}", whole.len());
        whole.part(offset, length).ok_or_else(missing)
    };
    let named = |(name, span)| Ok::<_, String>((name, part(span)?));
    let items = head.items.iter().copied().map(part).collect::<Result<Vec<_>, _>>()?;
    let inputs = head.inputs.into_iter().map(named).collect::<Result<Vec<_>, _>>()?;
    // Without inputs, all of the body is the trigger's. A batch ends where its last item ends.
    let end = head.items.last().map_or(whole.len(), |Span(offset, length)| offset + length);
    let body = if inputs.is_empty() && items.is_empty() { Rc::unwrap_or_clone(whole) } else { part(Span(0, end))? };
    let invocation = Invocation {
        is_http,
        invocation_id: head.invocation_id,
        trace: head.trace,
        retry: head.retry,
        metadata: head.metadata,
        items,
        inputs,
    };
    let (method, url, params, query, headers) = (head.method, head.url, head.params, head.query, head.headers);
    let head = RequestHead { method, url, params, query, headers, invocation: Some(Box::new(invocation)) };
    Ok(Request { head, body })
}

/// Writes the head of a plain response. Without header fields the head has no bytes.
pub fn print_plain(headers: &[(String, String)]) -> Vec<u8> {
    if headers.is_empty() {
        return Vec::new();
    }
    let mut head = br#"{"headers":"#.to_vec();
    // Printing texts cannot fail.
    head.extend(bluecrab_json::to_vec(headers).unwrap_or_default());
    head.push(b'}');
    head
}

#[derive(Serialize)]
struct ResponseHead<'a> {
    headers: &'a [(String, String)],
    outputs: Vec<OutputHead<'a>>,
}

#[derive(Serialize)]
struct OutputHead<'a> {
    name: &'a str,
    offset: usize,
    length: usize,
    kind: &'static str,
}

/// Writes the head of a response with outputs, and puts their bytes after the body. A single part is not copied.
pub fn print_any(headers: &[(String, String)], body: Bytes, outputs: Vec<Output>) -> (Vec<u8>, Bytes) {
    if outputs.is_empty() {
        return (print_plain(headers), body);
    }
    let mut offset = body.len();
    let heads = outputs.iter().map(|Output { name, kind, bytes }| {
        let head = OutputHead { name, offset, length: bytes.len(), kind: kind.name() };
        offset += bytes.len();
        head
    });
    let head = ResponseHead { headers, outputs: heads.collect() };
    // Printing texts and numbers cannot fail.
    let head = bluecrab_json::to_vec(&head).unwrap_or_default();
    let mut parts: Vec<Bytes> = [body].into_iter().chain(outputs.into_iter().map(|output| output.bytes)).collect();
    parts.retain(|part| !part.is_empty());
    let body = if parts.len() == 1 { parts.remove(0) } else { parts.concat().into() };
    (head, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::OutputKind;

    #[test]
    fn the_parts_of_a_body_become_items_and_inputs() {
        let head = br#"{"invocationId":"i","retry":{"count":1,"max":-1},"metadata":{"id":"m"},
            "items":[[0,2],[2,3]],"inputs":{"picture":[5,4]},"later":1}"#;
        let Request { head, body } = read_any(head, "12345byte".into(), false).unwrap();
        assert_eq!((&*body, head.input("picture")), (&b"12345"[..], Some(&Bytes::from("byte"))));
        assert_eq!(head.invocation.as_ref().unwrap().items, [Bytes::from("12"), Bytes::from("345")]);
        assert_eq!((head.invocation_id(), head.attempts()), ("i", Some(Attempts { count: 1, max: -1 })));
        assert_eq!(head.metadata("id"), Some(&"m".into()));
        assert!(!head.is_http());
        let wrong = read_any(br#"{"items":[[0,2]]}"#, "1".into(), false).unwrap_err();
        assert_eq!(wrong, "the body of 1 bytes has no 2 bytes at 0");
    }

    #[test]
    fn a_head_stays_the_same_until_its_bytes_change() {
        let mut reader = PlainReader::new();
        let mut method = |head: &str| reader.read(head.into(), "body".into()).map(|request| request.head.method);
        assert_eq!(method("").unwrap(), "");
        for name in ["GET", "GET", "PUT"] {
            assert_eq!(method(&format!(r#"{{"method":"{name}"}}"#)).unwrap(), name);
        }
        assert!(method("{").is_err());
        assert_eq!(method("").unwrap(), "");
    }

    #[test]
    fn outputs_follow_the_body() {
        let output =
            |name: &str, bytes: &str| Output { name: name.to_owned(), kind: OutputKind::Text, bytes: bytes.into() };
        let (head, body) = print_any(&[], "ok".into(), vec![output("a", "one"), output("b", "")]);
        let expected = r#"{"headers":[],"outputs":[{"name":"a","offset":2,"length":3,"kind":"text"},{"name":"b","offset":5,"length":0,"kind":"text"}]}"#;
        assert_eq!((std::str::from_utf8(&head).unwrap(), &*body), (expected, &b"okone"[..]));
    }
}
