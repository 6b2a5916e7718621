//! Functions that HTTP does not call: attempts, time limits, timers, and what a call by hand brings them.

use crate::common::{PATIENCE, app_of, calls, get, kill, options_of, send, start};
use bluecrab_host::Host;
use hyper::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Keeps what each call got, and shows it at `/api/calls`.
const CALLS: &str = r"
    const calls = [];
    const note = (input, context) => {
        const value = Buffer.isBuffer(input) ? { buffer: input.toString('latin1') } : input;
        calls.push([value, context.triggerMetadata]);
    };
    app.http('calls', { handler: () => ({ jsonBody: calls }) });
    app.http('pid', { handler: () => ({ body: String(process.pid) }) });
";

/// The status of a timer that has missed its run at 21:30 UTC.
const MISSED: &str =
    r#"{"Last":"2026-01-02T21:30:00Z","Next":"2026-01-03T21:30:00Z","LastUpdated":"2026-01-02T21:30:00Z"}"#;

async fn fire(host: &Host, name: &str, body: Value) {
    let answer = send(host, Method::POST, &format!("/admin/functions/{name}"), body.to_string()).await;
    assert_eq!(answer.status, 202, "{name} {body}: {}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_policy_repeats_an_invocation() {
    let functions = format!(
        "{CALLS}
        app.storageQueue('flaky', {{ queueName: 'q', connection: '', handler: (_, context) => {{
            const {{ invocationId, retryContext, traceContext }} = context;
            calls.push({{ invocationId, retryContext, traceParent: traceContext.traceParent }});
            if (calls.length < 3) throw new Error('no ' + calls.length);
        }}, retry: {{ strategy: 'fixedDelay', maxRetryCount: 5, delayInterval: 1000 }} }});"
    );
    let app = app_of(&functions, &[]);
    let (host, _) = start(options_of(&app)).await;
    let begin = Instant::now();
    fire(&host, "flaky", json!({ "input": "x" })).await;
    let calls = calls(&host, 3).await;
    assert!(begin.elapsed() >= Duration::from_secs(2), "there are two delays");
    assert!(calls.iter().all(|call| call["invocationId"] == calls[0]["invocationId"]), "{calls:?}");
    for (index, call) in calls.iter().enumerate() {
        let retry = &call["retryContext"];
        assert_eq!((&retry["retryCount"], &retry["maxRetryCount"]), (&json!(index), &json!(5)), "{call}");
        let expected = if index == 0 { Value::Null } else { json!(format!("no {index}")) };
        assert_eq!(retry["exception"]["message"], expected, "{call}");
        assert!(call["traceParent"].as_str().unwrap().starts_with("00-"), "{call}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_takes_too_long_costs_its_worker() {
    let host_json = r#"{ "version": "2.0", "functionTimeout": "00:00:01" }"#;
    let functions = format!(
        "{CALLS} app.storageQueue('endless', {{ queueName: 'q', connection: '', handler: () => new Promise(() => {{}}) }});"
    );
    let app = app_of(&functions, &[("host.json", host_json)]);
    let (host, process_id) = start(options_of(&app)).await;
    fire(&host, "endless", json!({ "input": "x" })).await;
    let replaced = async {
        loop {
            let answer = get(&host, "/api/pid").await;
            if answer.status == 200 && answer.text() != process_id.to_string() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, replaced).await.expect("another worker");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_is_tried_again_after_its_worker_is_killed() {
    let functions = format!(
        "{CALLS}
        app.storageQueue('stuck', {{ queueName: 'q', connection: '', handler: (input, {{ retryContext }}) => {{
            calls.push([input, retryContext.retryCount]);
            if (retryContext.retryCount === 0) return new Promise(() => {{}});
        }}, retry: {{ strategy: 'fixedDelay', maxRetryCount: 1, delayInterval: 0 }} }});"
    );
    let app = app_of(&functions, &[]);
    let (host, process_id) = start(options_of(&app)).await;
    fire(&host, "stuck", json!({ "input": "x" })).await;
    assert_eq!(calls(&host, 1).await, [json!(["x", 0])]);
    kill(process_id);
    assert_eq!(calls(&host, 1).await, [json!(["x", 1])]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_by_hand_brings_what_the_trigger_would() {
    let functions = format!(
        "{CALLS}
        const connection = 'C', handler = note;
        app.storageQueue('queue', {{ queueName: 'q', connection, handler }});
        app.storageQueue('raw', {{ queueName: 'q', connection, dataType: 'binary', handler }});
        app.serviceBusQueue('bus', {{ queueName: 'q', connection, handler }});
        app.serviceBusTopic('batch', {{ topicName: 't', subscriptionName: 's', connection, cardinality: 'many', handler }});
        app.eventHub('texts', {{ eventHubName: 'h', connection, cardinality: 'many', dataType: 'string', handler }});
        app.eventHub('bytes', {{ eventHubName: 'h', connection, cardinality: 'many', dataType: 'binary',
            handler: (input, context) => note(input.map(String), context) }});
        app.eventGrid('grid', {{ handler }});
        app.cosmosDB('docs', {{ databaseName: 'd', containerName: 'c', connection, handler }});
        app.generic('other', {{ trigger: {{ type: 'kafkaTrigger', topic: 't' }}, handler }});"
    );
    let app = app_of(&functions, &[]);
    let (host, _) = start(options_of(&app)).await;
    let cases = [
        ("queue", json!({ "input": "text" }), json!("text"), json!({ "queueTrigger": "text" })),
        (
            "queue",
            json!({ "input": { "id": 7, "list": [1] }, "metadata": { "dequeueCount": 2, "Id": "message" } }),
            json!({ "id": 7, "list": [1] }),
            json!({ "queueTrigger": { "id": 7, "list": [1] }, "dequeueCount": 2, "id": 7 }),
        ),
        ("raw", json!({ "base64": "/wA=" }), json!({ "buffer": "\u{ff}\0" }), json!({})),
        ("raw", json!({ "input": "12345678901234567890" }), json!({ "buffer": "12345678901234567890" }), json!({})),
        ("bus", json!({ "input": "x", "metadata": { "deliveryCount": 1 } }), json!("x"), json!({ "deliveryCount": 1 })),
        (
            "batch",
            json!({ "input": [{ "a": 1 }, 2], "metadata": { "messageIdArray": ["m1", "m2"] } }),
            json!([{ "a": 1 }, 2]),
            json!({ "messageIdArray": ["m1", "m2"] }),
        ),
        ("texts", json!({ "input": ["a", "", { "b": 1 }] }), json!(["a", { "b": 1 }]), json!({})),
        ("bytes", json!({ "input": "[\"a\",1]" }), json!(["a", "1"]), json!({})),
        (
            "grid",
            json!({ "input": { "id": "1", "data": { "Big": true } } }),
            json!({ "id": "1", "data": { "Big": true } }),
            json!({ "data": { "big": true } }),
        ),
        ("docs", json!({ "input": { "id": "1" } }), json!([{ "id": "1" }]), json!({})),
        (
            "docs",
            json!({ "input": "[{\"id\":\"1\"},{\"id\":\"2\"}]" }),
            json!([{ "id": "1" }, { "id": "2" }]),
            json!({}),
        ),
        ("other", json!({ "input": "x" }), json!("x"), json!({})),
    ];
    for (index, (name, body, value, metadata)) in cases.into_iter().enumerate() {
        fire(&host, name, body.clone()).await;
        let call = calls(&host, index + 1).await[index].clone();
        assert_eq!(call[0], value, "{name} {body}");
        let shown = call[1].as_object().unwrap();
        for (member, expected) in metadata.as_object().unwrap() {
            assert_eq!(&shown[member], expected, "{name} {body}: {member}");
        }
    }
    for (name, body, part) in [
        ("queue", json!({}), "input"),
        ("queue", json!({ "inputs": "x" }), "inputs"),
        ("queue", json!({ "base64": "/w==" }), "UTF-8"),
        ("queue", json!({ "input": "x", "base64": "/w==" }), "either"),
        ("raw", json!({ "base64": "!" }), "not Base64"),
        ("batch", json!({ "input": ["not json"] }), "not JSON"),
        ("batch", json!({ "input": [] }), "an array"),
        ("grid", json!({ "input": "text" }), "an event"),
        ("docs", json!({ "input": 5 }), "a document"),
    ] {
        let answer = send(&host, Method::POST, &format!("/admin/functions/{name}"), body.to_string()).await;
        assert_eq!(answer.status, 400, "{name} {body}: {}", answer.text());
        assert!(answer.text().contains(part), "{name} {body}: {}", answer.text());
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_run_at_the_start() {
    let functions = format!(
        "{CALLS}
        app.timer('startup', {{ schedule: '%SCHEDULE%', runOnStartup: true, handler: note }});
        app.timer('disabled', {{ schedule: '0 0 3 * * *', runOnStartup: true, handler: note }});
        app.timer('wrong', {{ schedule: '0 0 25 * * *', runOnStartup: true, handler: note }});
        app.timer('missed', {{ schedule: '0 0 3 * * *', handler: note }});"
    );
    let local =
        r#"{ "Values": { "SCHEDULE": "0 0 4 * * *", "AzureWebJobs.disabled.Disabled": true, "TZ": "Asia/Kolkata" } }"#;
    let app = app_of(&functions, &[("local.settings.json", local)]);
    let folder = app.path().join(".bluecrab/timers");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("missed.json"), MISSED).unwrap();
    let (host, _) = start(options_of(&app)).await;
    let calls = calls(&host, 2).await;
    assert_eq!(calls.len(), 2, "{calls:?}");
    let (late, startup): (Vec<_>, Vec<_>) =
        calls.iter().map(|call| &call[0]).partition(|timer| timer["isPastDue"] == true);
    assert_eq!(late[0]["scheduleStatus"]["next"], "2026-01-04T03:00:00+05:30", "{calls:?}");
    assert_eq!(startup[0]["scheduleStatus"]["last"], "0001-01-01T00:00:00", "{calls:?}");
    assert!(startup[0]["scheduleStatus"]["next"].as_str().unwrap().ends_with("T04:00:00+05:30"), "{calls:?}");
    host.stop().await;
    for name in ["startup", "missed"] {
        let status = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let status: Value = serde_json::from_str(&status).unwrap();
        assert!(status["Last"].as_str().unwrap() > "2026-01-03T21:30:00Z", "{name}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_makes_up_for_a_run_that_a_stop_broke_off() {
    let functions = format!(
        "{CALLS}
        app.timer('endless', {{ schedule: '0 30 21 * * *', handler: (timer, context) => {{
            note(timer, context);
            return new Promise(() => {{}});
        }} }});"
    );
    let app = app_of(&functions, &[]);
    let folder = app.path().join(".bluecrab/timers");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("endless.json"), MISSED).unwrap();
    for _ in 0..2 {
        let mut options = options_of(&app);
        options.limits.drain_time = Duration::ZERO;
        let (host, _) = start(options).await;
        let calls = calls(&host, 1).await;
        assert_eq!(calls[0][0]["isPastDue"], true, "{calls:?}");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drains_when_it_is_told_to() {
    let functions = format!(
        "{CALLS}
        let release;
        app.http('release', {{ handler: () => {{ release(); return {{ body: 'released' }}; }} }});
        app.timer('slow', {{ schedule: '0 0 3 * * *', runOnStartup: true, handler: (timer, context) => {{
            note(timer, context);
            return new Promise((resolve) => {{ release = resolve; }});
        }} }});"
    );
    let app = app_of(&functions, &[]);
    let (host, _) = start(options_of(&app)).await;
    calls(&host, 1).await;
    let state = async || get(&host, "/admin/host/drain/status").await.json()["state"].clone();
    assert_eq!(state().await, "Disabled");
    assert_eq!(send(&host, Method::POST, "/admin/host/drain", "").await.status, 202);
    assert_eq!(state().await, "InProgress");
    assert_eq!(get(&host, "/api/release").await.text(), "released");
    let completed = async {
        while state().await != "Completed" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, completed).await.expect("the drain ends");
    host.stop().await;
}
