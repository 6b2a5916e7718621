//! Requests of all triggers, as an app's own tests send them.

#![deny(warnings)]

use bluecrab::metadata::{Attempts, InvocationId, PartitionKey, TraceContext};
use bluecrab::testing::call;
use bluecrab::{
    Bytes, Inputs, Json, Outputs, Path, Problem, Request, Response, blob, callable, event_hub, http, queue, timer,
};
use serde_json::json;

#[derive(Inputs)]
struct Found {
    #[blob("pictures/{queueTrigger}")]
    small_picture: Bytes,
    #[table("people", take = 2)]
    people: Option<Json<Vec<String>>>,
}

#[queue("jobs")]
fn describe(found: Found, InvocationId(id): InvocationId, body: String) -> String {
    let people = found.people.map_or(0, |Json(people)| people.len());
    format!("{id} {body} {} {people}", found.small_picture.len())
}

#[test]
fn inputs_are_read_by_name() {
    let message = || Request::message("cat.png").with_invocation_id("i").with_input("smallPicture", "PNG");
    assert_eq!(call(describe, message()).text().unwrap(), "i cat.png 3 0");
    let people = message().with_input("people", r#"["Ada", "Bo"]"#);
    assert_eq!(call(describe, people).text().unwrap(), "i cat.png 3 2");
    let missing = call(describe, Request::message("cat.png"));
    assert_eq!((missing.status(), missing.text().unwrap()), (404, "the input `smallPicture` does not exist"));
    let wrong = call(describe, message().with_input("people", "[1]"));
    assert!(wrong.status() == 422 && wrong.text().unwrap().starts_with("cannot read the input `people` as JSON"));
}

#[derive(Outputs)]
struct Made {
    #[response]
    answer: String,
    #[queue("done")]
    done: Vec<Json<u32>>,
    #[blob("small/{name}")]
    small: Option<Vec<u8>>,
}

#[http(methods = ["POST"])]
fn count(Json(number): Json<u32>) -> Result<Made, Problem> {
    match number {
        0 => Err(Problem::bad_request("the count must not be zero")),
        number => Ok(Made {
            answer: number.to_string(),
            done: (0..number).map(Json).collect(),
            small: (number > 1).then(|| vec![0, 255]),
        }),
    }
}

#[test]
fn outputs_are_parts_of_the_response() {
    let send = |number: u32| call(count, Request::post("/api/count").with_json(&number));
    let done = |response: &Response| -> Vec<u32> {
        response.outputs_named("done").map(|output| output.read_json().unwrap()).collect()
    };
    let one = send(1);
    assert_eq!((one.text().unwrap(), done(&one), one.output("small")), ("1", vec![0], None));
    let two = send(2);
    assert_eq!((two.outputs().len(), two.output("small").unwrap().bytes()), (3, &[0, 255][..]));
    let zero = send(0);
    assert!(zero.outputs().is_empty() && zero.header("content-type") == Some("application/problem+json"));
}

#[callable]
fn double(Json(number): Json<u64>) -> Result<Option<Json<u64>>, Problem> {
    let number = number.checked_mul(2).ok_or_else(|| Problem::new(422, "too large"))?;
    number.to_string().parse::<u8>()?;
    Ok((number > 0).then_some(Json(number)))
}

#[test]
fn a_failure_is_a_sentence_and_none_is_no_value() {
    let send = |number: u64| call(double, Request::message(number.to_string()));
    assert_eq!(send(7).text().unwrap(), "14");
    assert_eq!((send(0).status(), send(0).body()), (204, &b""[..]));
    assert_eq!((send(u64::MAX).status(), send(u64::MAX).text().unwrap()), (422, "too large"));
    // Unlike an HTTP client, the host's log may learn everything.
    let internal = send(200);
    assert_eq!(internal.status(), 500);
    assert!(internal.text().unwrap().starts_with("number too large to fit"), "{:?}", internal.text());
}

#[timer("0 0 * * * *", retry = fixed_delay(2, "1s"))]
fn report(attempts: Option<Attempts>, trace: TraceContext) -> String {
    format!("{:?} {}", attempts.map(|attempts| (attempts.count, attempts.max)), trace.traceparent)
}

#[test]
fn attempts_and_the_trace_may_be_missing() {
    assert_eq!(call(report, Request::message("")).text().unwrap(), "None ");
    let trace = TraceContext { traceparent: "00-1-2-01".to_owned(), ..TraceContext::default() };
    let request = Request::message("").with_attempts(Attempts { count: 1, max: 2 }).with_trace(trace);
    assert_eq!(call(report, request).text().unwrap(), "Some((1, 2)) 00-1-2-01");
}

#[blob("pictures/{name}.{extension}")]
fn name(Path((name, _)): Path<(String, String)>) -> String {
    name
}

#[test]
fn a_blob_that_does_not_fit_its_path_is_named_so() {
    let said = call(name, Request::message("PNG"));
    assert_eq!(said.text().unwrap(), "cannot read the path parameters: invalid length 0, expected 2 values");
}

#[queue("jobs")]
fn whole(request: Request) -> String {
    format!("{:?} {}", request.head.metadata("id"), request.body.len())
}

#[test]
fn a_request_has_all_metadata() {
    let request = Request::message("12345").with_metadata("id", "7");
    assert_eq!(call(whole, request).text().unwrap(), "Some(String(\"7\")) 5");
}

#[event_hub("readings")]
fn key(key: Option<PartitionKey>) -> String {
    key.map_or("none".to_owned(), |PartitionKey(key)| key)
}

#[test]
fn metadata_that_is_null_is_missing() {
    for (value, expected) in [(json!(null), "none"), (json!("null"), "null"), (json!(7), "7")] {
        let request = Request::message("").with_metadata("partitionKey", value);
        assert_eq!(call(key, request).text().unwrap(), expected);
    }
}

#[test]
#[should_panic(expected = "this argument reads a part of an HTTP request")]
fn a_message_has_no_query() {
    let function = |_: bluecrab::Query<Vec<(String, String)>>| ();
    call(function, Request::message(""));
}
