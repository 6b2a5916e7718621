//! What the page shows about the app and its invocations.

use crate::common::events::Events;
use crate::common::{Answer, PATIENCE, app_of, get, options, options_of, send, send_with, start};
use bluecrab_host::Host;
use hyper::Method;
use serde_json::{Value, json};

const FUNCTIONS: &str = r"
    app.http('echo', { authLevel: 'anonymous', methods: ['POST'], route: 'rows/{id:int}', handler: async (request, context) => {
        context.warn('look');
        return { body: await request.text(), headers: { 'server-timing': 'parse;dur=1.5' } };
    } });
    app.http('throws', { authLevel: 'anonymous', handler: () => { throw new Error('on purpose'); } });
    app.timer('nightly', { schedule: '0 0 3 * * *', handler: () => 'ran' });
    app.timer('off', { schedule: '0 0 3 * * *', handler: () => {} });
    app.serviceBusQueue('bus', { queueName: 'q', connection: 'C', handler: (message) => { throw new Error(message.reason); } });
";
const SETTINGS: &str = r#"{ "Values": { "AzureWebJobs.off.Disabled": true } }"#;

async fn details(host: &Host, call: &Value) -> Value {
    get(host, &format!("/admin/page/calls/{}", call["id"].as_str().unwrap())).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_sees_functions_timers_and_invocations() {
    let app = app_of(FUNCTIONS, &[("local.settings.json", SETTINGS)]);
    let (host, process_id) = start(options_of(&app)).await;
    send(&host, Method::POST, "/api/rows/6", "before").await;
    let mut events = Events::open(&host).await;
    let shown = events.wait("app", |data| Some(data.clone())).await;
    assert_eq!((&shown["state"], &shown["workerProcessId"]), (&json!("ready"), &json!(process_id)));
    let functions = shown["functions"].as_array().unwrap();
    let echo = functions.iter().find(|function| function["name"] == "echo").unwrap();
    assert_eq!((&echo["route"], &echo["methods"]), (&json!("/api/rows/{id:int}"), &json!(["POST"])));
    assert_eq!(echo["path"], "/api/rows/{id}");
    assert_eq!(functions.iter().filter(|function| function["isDisabled"] == true).count(), 1);

    // Before the page was open, only the head was kept.
    let before = details(&host, &events.ended("echo").await).await;
    assert_eq!((&before["path"], &before["status"], &before["lines"]), (&json!("/api/rows/6"), &json!(200), &json!(0)));
    assert!(before["request"].is_null() && before["response"].is_null(), "{before}");

    send(&host, Method::POST, "/api/rows/7?x=1", r#"{"a":1}"#).await;
    let call = events.ended("echo").await;
    assert_eq!((&call["method"], &call["path"]), (&json!("POST"), &json!("/api/rows/7?x=1")));
    assert_eq!(call["serverTiming"], "parse;dur=1.5");
    let times = ["sent", "answered", "ended"].map(|time| call[time].as_f64().unwrap());
    assert!(times.is_sorted() && times[0] > 0.0, "{times:?}");
    if cfg!(target_os = "linux") {
        assert!(call["memory"].as_u64().unwrap() > 1 << 20, "{call}");
    }
    // The log comes over another connection than the response.
    let logged = async {
        loop {
            let details = details(&host, &call).await;
            if details["log"] == json!([{ "level": "warning", "text": "look" }]) {
                return details;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let call = tokio::time::timeout(PATIENCE, logged).await.expect("the log arrives");
    let request = &call["request"];
    assert_eq!((&request["text"], &request["isWhole"]), (&json!(r#"{"a":1}"#), &json!(true)));
    assert_eq!(request["params"], json!([["id", "7"]]));
    assert!(request["headers"].as_array().unwrap().contains(&json!(["content-type", "application/json"])), "{request}");
    assert_eq!(call["response"]["text"], r#"{"a":1}"#);

    // Timers are sent only if they have changed.
    let next = Events::open(&host)
        .await
        .wait("sources", |data| {
            let timer = data["timers"].as_array().unwrap().first()?.clone();
            (timer["next"].as_array()?.len() == 3).then_some(timer)
        })
        .await;
    assert_eq!(
        (&next["function"], &next["schedule"]),
        (&json!("nightly"), &json!("0 0 3 * * *")),
        "not the disabled one"
    );
    assert!(
        next["next"].as_array().unwrap().iter().all(|time| time.as_str().unwrap().ends_with("T03:00:00Z")),
        "{next}"
    );
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_sees_why_a_change_is_not_served() {
    let app = app_of(FUNCTIONS, &[]);
    let (host, process_id) = start(options_of(&app)).await;
    let mut events = Events::open(&host).await;
    let script = app.path().join("index.js");
    let working = std::fs::read(&script).unwrap();
    std::fs::write(&script, "throw new Error('out of paper');").unwrap();
    host.renew().unwrap();
    let shown = events.wait("app", |data| (!data["stale"].is_null()).then(|| data.clone())).await;
    assert_eq!((&shown["state"], &shown["workerProcessId"]), (&json!("ready"), &json!(process_id)));
    let reason = shown["stale"].as_str().unwrap();
    assert!(reason.starts_with("the app cannot be loaded: ") && reason.contains("out of paper"), "{reason}");
    host.show_failure("cannot build sums\nthe second line");
    events.wait("app", |data| (data["stale"] == "cannot build sums").then_some(())).await;
    std::fs::write(&script, working).unwrap();
    host.renew().unwrap();
    let next = events.wait("app", |data| data["stale"].is_null().then(|| data["workerProcessId"].clone())).await;
    assert_ne!(next, json!(process_id));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_why() {
    let app = app_of(FUNCTIONS, &[("local.settings.json", SETTINGS)]);
    let (host, _) = start(options_of(&app)).await;
    // The reasons are kept without an open page, too.
    assert_eq!(get(&host, "/api/throws").await.status, 500);
    let fire = async |name: &str, body: &str| {
        let headers = [("content-type", "application/json"), ("prefer", "wait")];
        let path = format!("/admin/functions/{name}");
        send_with(&host, Method::POST, &path, &headers, body.to_owned()).await.status.as_u16()
    };
    assert_eq!(fire("bus", r#"{"input":{"reason":"not today"}}"#).await, 500);
    let mut events = Events::open(&host).await;
    let all = events.wait("calls", |data| Some(data.clone())).await;
    assert_eq!(all["isAll"], true);
    for (index, (function, reason)) in [("throws", "on purpose"), ("bus", "not today")].into_iter().enumerate() {
        let call = details(&host, &all["calls"][index]).await;
        assert_eq!((&call["function"], &call["state"]), (&json!(function), &json!("failed")));
        assert!(call["log"][0]["text"].as_str().unwrap().contains(reason), "{call}");
    }
    assert_eq!(fire("nightly", "{}").await, 200);
    let call = details(&host, &events.ended("nightly").await).await;
    assert_eq!((&call["state"], &call["response"]["text"]), (&json!("succeeded"), &json!("ran")));
    assert!(call["request"]["text"].as_str().unwrap().contains("IsPastDue"), "{call}");
    assert_eq!(fire("bus", r#"{"input":{"reason":"again"},"metadata":{"deliveryCount":2}}"#).await, 500);
    let call = details(&host, &events.ended("bus").await).await;
    assert_eq!(call["request"]["text"], r#"{"reason":"again"}"#);
    assert_eq!(call["request"]["metadata"], json!({ "deliveryCount": 2 }));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_arrive_unchanged_while_a_page_is_open() {
    for app in ["stream", "rpc"] {
        let (host, _) = start(options(app)).await;
        let body = "é".repeat(100_000);
        let before = send(&host, Method::POST, "/api/echo", body.clone()).await;
        let mut events = Events::open(&host).await;
        events.wait("calls", |data| Some(data.clone())).await;
        let answer = send(&host, Method::POST, "/api/echo", body.clone()).await;
        assert!(answer.text() == body, "{app}");
        let framing = |answer: &Answer| {
            (answer.headers.get("content-length").cloned(), answer.headers.get("transfer-encoding").cloned())
        };
        assert_eq!(framing(&answer), framing(&before), "{app}");
        let call = details(&host, &events.ended("echo").await).await;
        let response = &call["response"];
        assert_eq!((&response["length"], &response["isWhole"]), (&json!(200_000), &json!(false)), "{app}");
        assert_eq!(response["text"].as_str().unwrap().len(), 64 << 10, "{app}");
        assert_eq!(call["request"]["isWhole"], false, "{app}: too long to be kept");
        let head = send(&host, Method::HEAD, "/api/pid", "").await;
        assert_eq!(head.status, 404, "{app}: the function takes GET only");
        assert_eq!(get(&host, "/api/nothing").await.status, if app == "rpc" { 204 } else { 500 }, "{app}");
        let ended = events.ended("nothing").await;
        assert_eq!(ended["status"], if app == "rpc" { 204 } else { 500 }, "{app}");
        host.stop().await;
    }
}
