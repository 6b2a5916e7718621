//! Checks the reader of request heads and the extractors.

use bluecrab::export::{PlainReader, print_plain, read_any};
use bluecrab::testing::call;
use bluecrab::{Batch, Bytes, Header, Headers, Json, Path, Problem, Query, Request, RequestHead, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Filter {
    page: u32,
    word: Option<String>,
    #[serde(default)]
    ids: Vec<i8>,
    order: Option<Order>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    Up,
    Down,
}

#[derive(Deserialize)]
struct Place {
    id: u64,
    at: Option<char>,
}

type Texts = Vec<(String, String)>;

/// The input is a head, and after the first zero byte a body. The head is read or refused without a panic, and every
/// function answers.
pub fn head(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == 0).unwrap_or(input.len());
    let body = || Bytes::from(&input[(end + 1).min(input.len())..]);
    other_triggers(&input[..end], body());
    let mut reader = PlainReader::new();
    let Ok(request) = reader.read(Bytes::from(&input[..end]), body()) else { return };
    read_again(&mut reader, &request.head);
    print_again(&request.head.headers);
    for response in [call(structs, request.clone()), call(lists, request.clone()), call(single, request)] {
        let status = response.status();
        assert!(matches!(status, 200 | 400 | 415), "{status}: {:?}", response.text());
        if status != 200 {
            assert!(response.read_json::<Value>().unwrap()["detail"].is_string());
        }
    }
}

/// A head that names items and inputs is read or refused, too.
fn other_triggers(head: &[u8], body: Bytes) {
    let length = body.len();
    let Ok(request) = read_any(head, body, false) else { return };
    assert!(request.body.len() <= length);
    let whole = |request: Request| format!("{} {}", request.body.len(), request.head.invocation_id());
    let batch = |Batch(items): Batch<Result<String, Problem>>| items.len().to_string();
    for response in [call(whole, request.clone()), call(batch, request)] {
        assert_eq!(response.status(), 200, "{:?}", response.text());
    }
}

fn read_again(reader: &mut PlainReader, head: &RequestHead) {
    let RequestHead { method, url, params, query, headers, .. } = head;
    let pairs = |pairs: &[(String, String)]| {
        let texts = pairs.iter().map(|(name, value)| format!("{}:{}", json!(name), json!(value)));
        texts.collect::<Vec<_>>().join(",")
    };
    let fields: Vec<_> = headers.iter().collect();
    let fields = json!(fields);
    let params = pairs(params);
    let text = format!(
        r#"{{"method":{},"url":{},"params":{{{params}}},"query":{},"headers":{fields}}}"#,
        json!(method),
        json!(url),
        json!(query)
    );
    let again = reader.read(Bytes::from(text.as_bytes()), Bytes::default()).map(|request| request.head);
    assert_eq!(again.ok().as_ref(), Some(head), "{text}");
}

/// Reads a response head as the library does.
fn print_again(headers: &Headers) {
    let fields: Texts = headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let printed = print_plain(&fields);
    if fields.is_empty() {
        assert!(printed.is_empty());
        return;
    }
    let head: BTreeMap<String, Texts> = serde_json::from_slice(&printed).unwrap();
    assert_eq!((head.len(), &head["headers"]), (1, &fields));
}

fn structs(
    Path(place): Path<Place>,
    Query(filter): Query<Filter>,
    length: Option<Header<header::ContentLength, u64>>,
    Json(numbers): Json<Vec<f64>>,
) -> String {
    let order = filter.order.map(|order| match order {
        Order::Up => 1,
        Order::Down => -1,
    });
    let texts = [place.at.map(String::from), filter.word].into_iter().flatten().collect::<String>();
    format!(
        "{} {} {order:?} {texts} {} {} {}",
        place.id,
        filter.page,
        filter.ids.len(),
        length.is_some(),
        numbers.len()
    )
}

fn lists(
    Path((number, text)): Path<(u8, String)>,
    Query(pairs): Query<Texts>,
    Query(map): Query<BTreeMap<String, Vec<String>>>,
    headers: Headers,
    body: String,
) -> String {
    assert_eq!(map.values().map(Vec::len).sum::<usize>(), pairs.len());
    format!("{number} {text} {} {}", headers.len(), body.len())
}

fn single(
    path: Result<Path<Option<bool>>, Problem>,
    query: Result<Query<BTreeMap<String, f64>>, Problem>,
    host: Result<Header<header::Host>, Problem>,
    whole: Request,
) -> String {
    format!("{} {} {} {}", path.is_ok(), query.is_ok(), host.is_ok(), whole.body.len())
}
