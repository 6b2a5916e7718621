//! Calls the same functions without WebAssembly, as the tests of an app do.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

use bluecrab::metadata::Attempts;
use bluecrab::testing::call;
use bluecrab::{Request, Response, Timer};
use serde_json::{Value, json};
use triggers::{events, http, storage, tools};

fn texts(response: &Response, output: &str) -> Vec<String> {
    response.outputs_named(output).map(|output| output.text().unwrap().to_owned()).collect()
}

#[test]
fn a_queue_function_reads_inputs_and_writes_outputs() {
    let message = Request::message("cat.png").with_metadata("dequeueCount", 2).with_invocation_id("i");
    let response = call(storage::queue_work, message.clone().with_input("picture", "PNG…"));
    assert_eq!(response.output("smallPicture").unwrap().bytes(), b"PNG");
    let done = json!({ "copy": 1, "count": 2, "invocation": "i", "person": null });
    assert_eq!(response.output("done").unwrap().read_json::<Value>().unwrap(), done);
    assert_eq!(texts(&response, "row"), [r#"{"PartitionKey":"work","RowKey":"cat.png","Bytes":6}"#]);

    let response = call(storage::queue_work, message);
    assert_eq!((response.status(), response.text().unwrap()), (404, "there is no picture cat.png"));
    assert!(response.outputs().is_empty());
}

#[test]
fn a_long_number_keeps_its_digits() {
    let job = r#"{"id":12345678901234567890,"names":["b","a"]}"#;
    let sorted = r#"{"id":12345678901234567890,"names":["a","b"]}"#;
    assert_eq!(call(storage::queue_json, Request::message(job)).text().unwrap(), sorted);
}

#[test]
fn a_timer_function_sees_its_attempts() {
    let tick = |count| {
        let request = Request::message("").with_json(&Timer { is_past_due: true, ..Timer::default() });
        call(storage::timer_tick, request.with_attempts(Attempts { count, max: 3 }))
    };
    assert_eq!(tick(0).status(), 503);
    let second: Value = tick(1).read_json().unwrap();
    assert_eq!((&second["timer"]["isPastDue"], &second["attempt"]), (&json!(true), &json!(1)));
}

#[test]
fn batches_events_and_documents_are_sent_on() {
    assert_eq!(texts(&call(events::bus_batch, Request::batch(["a", "b"])), "bus"), ["a", "b"]);
    let event = Request::message("95.5")
        .with_metadata("sequenceNumber", 7)
        .with_metadata("partitionContext", json!({ "partitionId": "0" }));
    assert_eq!(texts(&call(events::hub_one, event), "grid"), [r#"{"number":7,"partition":"0"}"#]);
    let copies = call(events::cosmos_documents, Request::message(r#"[{"id":"1"}]"#));
    assert_eq!(texts(&copies, "documents"), [r#"{"copied":true,"id":"1"}"#]);
}

#[test]
fn http_functions_have_inputs_and_outputs() {
    let response = call(http::http_outputs, Request::post("/api/http-outputs").with_body("one\ntwo"));
    assert_eq!((response.status(), texts(&response, "messages")), (202, vec!["one".to_owned(), "two".to_owned()]));
    let request = Request::post("/api/http-inputs/a").with_param("name", "a").with_body("12345");
    assert_eq!(call(http::http_inputs, request.clone()).status(), 404);
    let response = call(http::http_inputs, request.with_input("picture", "PNG"));
    let expected = json!({ "name": "a", "picture": 3, "person": null, "body": 5 });
    assert_eq!(response.read_json::<Value>().unwrap(), expected);
}

#[test]
fn tools_read_their_arguments() {
    let divide = |arguments: &str| call(tools::mcp_divide, Request::message(arguments));
    assert_eq!(divide(r#"{"dividend":1,"dividedBy":3,"places":2}"#).text().unwrap(), "0.33");
    assert_eq!(divide(r#"{"dividend":1,"dividedBy":0}"#).text().unwrap(), "a number cannot be divided by zero");
    assert_eq!(divide(r#"{"dividend":1}"#).status(), 400);
}
