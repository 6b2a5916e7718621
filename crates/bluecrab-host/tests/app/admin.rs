//! The paths below `/admin`: who may use them, and how they invoke a function.

use crate::common::{app_of, calls, options_of, send_with, start};
use bluecrab_host::Host;
use hyper::Method;
use serde_json::json;

const FUNCTIONS: &str = r"
    const calls = [];
    const note = (input) => { calls.push(input); };
    app.timer('daily', { schedule: '0 0 3 * * *', handler: note });
    app.timer('span', { schedule: '00:10:00', useMonitor: false, handler: note });
    app.storageQueue('queue', { queueName: 'q', connection: 'C', handler: note });
    app.http('calls', { handler: () => ({ jsonBody: calls }) });
";
const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

async fn post(host: &Host, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
    send_with(host, Method::POST, path, headers, body.to_owned()).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_web_page_can_invoke_a_function() {
    let app = app_of(FUNCTIONS, &[]);
    let (host, _) = start(options_of(&app)).await;
    let path = "/admin/functions/queue";
    for (headers, status) in [
        (&[("content-type", "text/plain")][..], 415),
        (&[("content-type", "application/x-www-form-urlencoded")], 415),
        (&[("content-type", "application/jsonp")], 415),
        (&[], 415),
        (&[JSON, ("origin", "http://evil.example")], 403),
        (&[JSON, ("origin", "null")], 403),
        (&[JSON, ("origin", "chrome-extension://localhost")], 403),
        (&[JSON, ("origin", "http://evil@localhost")], 403),
        (&[JSON, ("origin", "http://localhost"), ("origin", "http://evil.example")], 403),
        (&[JSON, ("host", "evil.example:7071")], 403),
        (&[JSON, ("host", "localhost.evil.example")], 403),
        (&[("content-type", "text/plain"), ("origin", "http://evil.example"), ("host", "evil.example")], 403),
    ] {
        assert_eq!(post(&host, path, headers, "{\"input\":\"x\"}").await, status, "{headers:?}");
    }
    for path in ["/admin/host/status", "/admin/functions", "/admin/functions/queue", "/Admin/Functions"] {
        for field in [("host", "evil.example"), ("origin", "https://evil.example")] {
            let answer = send_with(&host, Method::GET, path, &[field], "").await;
            assert_eq!(answer.status, 403, "{path} {field:?}: {}", answer.text());
            assert!(answer.text().contains("evil.example") && !answer.text().contains("queue"), "{}", answer.text());
        }
    }
    assert_eq!(post(&host, path, &[JSON, ("origin", "http://localhost:3000")], "{\"input\":\"x\"}").await, 202);
    assert_eq!(calls(&host, 1).await, [json!("x")]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_call_passes_a_timer_object() {
    let app = app_of(FUNCTIONS, &[]);
    let (host, _) = start(options_of(&app)).await;
    let bodies = [
        ("daily", "{}"),
        ("daily", ""),
        ("daily", r#"{"input":"text"}"#),
        ("daily", r#"{"input":{"isPastDue":true}}"#),
        ("span", r#"{"input":null}"#),
    ];
    for (index, (name, body)) in bodies.into_iter().enumerate() {
        assert_eq!(post(&host, &format!("/admin/functions/{name}"), &[JSON], body).await, 202, "{body}");
        let call = calls(&host, index + 1).await[index].clone();
        assert_eq!(call["schedule"]["adjustForDST"], name == "daily", "{call}");
        assert_eq!(call["isPastDue"], body.contains("true"), "{call}");
        assert_eq!(call["scheduleStatus"].is_null(), name == "span", "{call}");
        assert_eq!(call["scheduleStatus"]["next"].is_string(), name == "daily", "{call}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_what_is_wrong_with_an_admin_call() {
    let app = app_of(FUNCTIONS, &[]);
    let (host, _) = start(options_of(&app)).await;
    for (path, body, status, part) in [
        ("/admin/functions/queue", "{", 400, "not JSON"),
        ("/admin/functions/queue", "[1]", 400, "not an object"),
        ("/admin/functions/calls", "{}", 400, "by its route"),
        ("/admin/functions/none", "{}", 404, ""),
    ] {
        let answer = send_with(&host, Method::POST, path, &[JSON], body).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text());
        assert!(answer.text().contains(part), "{path} {body}: {}", answer.text());
    }
    let put = send_with(&host, Method::PUT, "/admin/functions/queue", &[JSON], "{}").await;
    assert_eq!(put.status, 405);
    host.stop().await;
}
