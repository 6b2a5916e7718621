//! The webhook of Event Grid.

use crate::common::{app_of, calls, options_of, send_with, start};
use bluecrab_host::Host;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

const FUNCTIONS: &str = r"
    const calls = [];
    app.http('calls', { handler: () => ({ jsonBody: calls }) });
    app.eventGrid('one', { handler: (event, context) => {
        if (event.id === 'bad') throw new Error('no such event');
        calls.push([event, context.triggerMetadata.data]);
    } });
    app.generic('many', { trigger: { type: 'eventGridTrigger', cardinality: 'many' }, handler: (events, context) => {
        calls.push([events, context.triggerMetadata.data]);
    } });
    let running = 0;
    app.eventGrid('busy', { handler: async () => {
        calls.push(++running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running--;
    } });
    app.eventGrid('off', { handler: () => calls.push('off') });
    app.storageQueue('queue', { queueName: 'q', connection: '', handler: () => calls.push('queue') });
";

async fn post(host: &Host, query: &str, kind: &str, body: &Value) -> (StatusCode, String) {
    let path = format!("/runtime/webhooks/EventGrid{query}");
    let headers = [("content-type", "application/json"), ("aeg-event-type", kind)];
    let answer = send_with(host, Method::POST, &path, &headers, body.to_string()).await;
    (answer.status, answer.text())
}

async fn host() -> (tempfile::TempDir, Host) {
    let local = r#"{ "Values": { "AzureWebJobs.off.Disabled": true } }"#;
    let app = app_of(FUNCTIONS, &[("local.settings.json", local)]);
    let (host, _) = start(options_of(&app)).await;
    (app, host)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_validated_in_both_schemas() {
    let (_app, host) = host().await;
    let event_grid = json!([{ "id": "1", "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": { "validationCode": "512d38b6" } }]);
    let cloud_events = json!({ "id": "1", "specversion": "1.0", "data": "{\"validationCode\":\"512d38b6\"}" });
    for body in [event_grid, cloud_events] {
        let (status, text) = post(&host, "?functionName=one", "SubscriptionValidation", &body).await;
        assert_eq!((status, text.as_str()), (StatusCode::OK, r#"{"validationResponse":"512d38b6"}"#), "{body}");
    }
    assert_eq!(post(&host, "?functionName=one", "Unsubscribe", &json!([])).await.0, 202);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_fire_their_function_one_by_one_or_all_at_once() {
    let (_app, host) = host().await;
    let events = json!([{ "id": "1", "data": { "url": "a" } }, { "id": "2", "data": 2 }]);
    assert_eq!(post(&host, "?functionName=one", "Notification", &events).await.0, 202);
    let mut fired = calls(&host, 2).await;
    fired.sort_by_key(|call| call[0]["id"].to_string());
    assert_eq!(fired, [json!([events[0], { "url": "a" }]), json!([events[1], 2])]);
    assert_eq!(post(&host, "?functionName=many", "notification", &events).await.0, 202);
    assert_eq!(calls(&host, 3).await[2], json!([events, [{ "url": "a" }, 2]]));
    let cloud_event = json!({ "id": "3", "specversion": "1.0", "type": "t", "source": "s", "data": { "x": 1 } });
    assert_eq!(post(&host, "?code=key&functionName=one", "Notification", &cloud_event).await.0, 202);
    assert_eq!(calls(&host, 4).await[3], json!([cloud_event, { "x": 1 }]));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_of_events_does_not_run_all_at_once() {
    let (_app, host) = host().await;
    let events: Vec<Value> = (0..300).map(|id| json!({ "id": id.to_string() })).collect();
    assert_eq!(post(&host, "?functionName=busy", "Notification", &json!(events)).await.0, 202);
    let running = calls(&host, events.len()).await;
    assert_eq!(running.len(), events.len());
    assert!(running.iter().all(|running| running.as_u64().unwrap() <= 64), "{running:?}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_event_or_a_wrong_request_is_an_error() {
    let (_app, host) = host().await;
    let good = json!([{ "id": "1", "data": {} }]);
    for (query, kind, body, status, part) in [
        ("?functionName=one", "Notification", json!([{ "id": "bad" }, { "id": "1" }]), 500, "no such event"),
        ("?functionName=one", "Notification", json!("text"), 400, "an event"),
        ("?functionName=one", "Notification", json!([{ "id": "1" }, 0]), 400, "an event is a JSON object"),
        ("?functionName=many", "Notification", json!(["text"]), 400, "an event is a JSON object"),
        ("?functionName=one", "SubscriptionValidation", json!([]), 400, "validationCode"),
        ("?functionName=one", "", good.clone(), 400, "aeg-event-type"),
        ("?functionName=off", "Notification", good.clone(), 404, "off"),
        ("?functionName=queue", "Notification", good.clone(), 404, "queue"),
        ("", "Notification", good, 404, "functionName"),
    ] {
        let (found, text) = post(&host, query, kind, &body).await;
        assert_eq!(found, status, "{query} {kind} {body}: {text}");
        assert!(text.contains(part), "{query} {kind} {body}: {text}");
    }
    // A web page of another site cannot post events.
    let headers = [("aeg-event-type", "Notification"), ("origin", "https://evil.example")];
    let path = "/runtime/webhooks/eventgrid?functionName=one";
    assert_eq!(send_with(&host, Method::POST, path, &headers, "[]").await.status, 403);
    // The event beside the bad one has fired.
    assert_eq!(calls(&host, 1).await.len(), 1);
    host.stop().await;
}
