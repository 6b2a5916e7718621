//! Who may see the page, and where it is.

use crate::common::events::Events;
use crate::common::{Answer, app_of, get, options_of, send_with, start};
use bluecrab_host::{Host, HostOptions};
use hyper::Method;
use std::collections::BTreeSet;

const HELLO: &str = "app.http('hello', { authLevel: 'anonymous', handler: () => ({ body: 'hello' }) });";

async fn get_with(host: &Host, path: &str, field: (&str, &str)) -> Answer {
    send_with(host, Method::GET, path, &[field], "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_loads_its_own_files_only() {
    let app = app_of(HELLO, &[]);
    let (host, _) = start(options_of(&app)).await;
    let page = get(&host, "/").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("require-trusted-types-for"), "{policy}");
    assert!(!page.text().contains("://"), "the page loads nothing from elsewhere");
    let mut wanted: Vec<String> =
        page.text().split('"').filter(|part| part.starts_with("/admin/page/")).map(str::to_owned).collect();
    let mut loaded = BTreeSet::new();
    while let Some(path) = wanted.pop() {
        if !loaded.insert(path.clone()) {
            continue;
        }
        let file = get(&host, &path).await;
        assert_eq!(file.status, 200, "{path}");
        assert_eq!(file.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(!file.text().contains("innerHTML"), "{path}: data must not become HTML");
        let imports = file.text();
        let imports = imports.split("from './").skip(1).filter_map(|rest| rest.split('\'').next());
        wanted.extend(imports.map(|name| format!("/admin/page/{name}")));
    }
    assert!(loaded.len() > 5 && loaded.contains("/admin/page/repeat.mjs"), "{loaded:?}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_programs_of_this_machine_see_the_page() {
    let app = app_of(HELLO, &[]);
    let (host, _) = start(options_of(&app)).await;
    for field in [("host", "evil.example:7071"), ("host", "localhost.evil.example"), ("origin", "https://evil.example")]
    {
        let page = get_with(&host, "/", field).await;
        assert_eq!((page.status.as_u16(), page.body.len()), (404, 0), "{field:?}: as without a page");
        for path in ["/admin/page/main.mjs", "/admin/page/events", "/admin/page/calls/1"] {
            assert_eq!(get_with(&host, path, field).await.status, 403, "{path} {field:?}");
        }
    }
    assert_eq!(get_with(&host, "/admin/page/events", ("sec-fetch-site", "cross-site")).await.status, 403);
    assert_eq!(get_with(&host, "/", ("host", "LOCALHOST:1")).await.status, 200);
    assert_eq!(get_with(&host, "/", ("origin", "http://127.0.0.1:1")).await.status, 200);
    for (path, headers, status) in [
        ("/", &[][..], 404),
        ("/admin/page/events", &[], 404),
        ("/admin/page/queues/hello/send-again", &[("content-type", "text/plain")], 415),
        ("/admin/page/queues/hello/send-again", &[("origin", "http://evil.example")], 403),
        ("/admin/page/queues/none/send-again", &[("content-type", "application/json")], 404),
    ] {
        assert_eq!(send_with(&host, Method::POST, path, headers, "{}").await.status, status, "{path} {headers:?}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_at_the_root_comes_first() {
    let host_json = r#"{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }"#;
    let root = "app.http('root', { authLevel: 'anonymous', methods: ['GET'], route: '{*rest}',
        handler: () => ({ body: 'mine' }) });";
    let app = app_of(root, &[("host.json", host_json)]);
    let (host, _) = start(options_of(&app)).await;
    assert_eq!(get(&host, "/").await.text(), "mine");
    assert_eq!(get(&host, "/admin/page/main.mjs").await.status, 200);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_page_nothing_is_there() {
    let app = app_of(HELLO, &[]);
    let (host, _) = start(HostOptions { page: false, ..options_of(&app) }).await;
    for path in ["/", "/admin/page/main.mjs", "/admin/page/events", "/admin/page/calls/1"] {
        assert_eq!(get(&host, path).await.status, 404, "{path}");
    }
    assert_eq!(get(&host, "/api/hello").await.text(), "hello");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_keys_the_data_needs_the_master_key() {
    let app = app_of(HELLO, &[]);
    let (host, _) = start(HostOptions { auth: true, ..options_of(&app) }).await;
    let key = bluecrab_host::master_key(app.path()).unwrap();
    for path in ["/", "/admin/page/main.mjs"] {
        assert_eq!(get(&host, path).await.status, 200, "{path} has no data");
    }
    for path in ["/admin/page/events", "/admin/page/calls/1"] {
        assert_eq!(get(&host, path).await.status, 401, "{path}");
        assert_eq!(get_with(&host, path, ("x-functions-key", "wrong")).await.status, 401, "{path}");
    }
    assert_eq!(get_with(&host, "/admin/page/calls/1", ("x-functions-key", &key)).await.status, 404);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_does_not_keep_the_host_from_stopping() {
    let app = app_of(HELLO, &[]);
    let mut options = options_of(&app);
    options.limits.drain_time = std::time::Duration::from_secs(3600);
    let (host, _) = start(options).await;
    let mut events = Events::open(&host).await;
    events.wait("app", |data| (data["state"] == "ready").then_some(())).await;
    tokio::time::timeout(crate::common::PATIENCE, host.stop()).await.expect("the host stops in time");
    events.end().await;
}
