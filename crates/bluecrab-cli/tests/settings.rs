//! How `bluecrab dev` uses an app's settings, the environment and the order of routes, and what it prints about them.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod command;
mod dev_server;
#[path = "../../bluecrab-host/tests/common/free_port.rs"]
mod free_port;

use dev_server::{Dev, post};
use free_port::free_port;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

const FUNCTIONS: &str = r"
    app.http('all', { route: 'all/{*rest}', handler: () => ({}) });
    app.http('env', { route: 'all/env', handler: () => ({}) });
    app.http('setting', { handler: async (request) => ({ jsonBody: process.env[await request.text()] ?? null }) });
    app.http('title', { handler: () => ({ body: process.title }) });
    app.http('loud', { handler: (_, context) => { context.log('too quiet'); context.warn('loud enough'); return {}; } });
    app.http('clerk', { route: 'administrators', handler: () => ({}) });
    app.timer('fails', { schedule: '0 0 3 * * *', handler: () => { throw new Error('on purpose'); } });
";

/// What is said of a function that the app does not have.
const NOBODY: &str =
    "nobody, which the app does not register: it registers all, env, setting, title, loud, clerk, fails";

fn app_of(host_json: &str, local_settings: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("host.json", host_json);
    write("local.settings.json", local_settings);
    write("package.json", r#"{ "main": "index.js" }"#);
    write("index.js", &format!("const {{ app }} = require('@azure/functions');\n{FUNCTIONS}"));
    folder
}

fn command_of(app: &TempDir) -> Command {
    let mut command = command::command(app.path());
    command.env("NODE_PATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules"));
    command
}

#[test]
fn the_shell_overrides_local_settings_and_both_override_host_json() {
    let host_json = r#"{ "version": "2.0", "extensions": { "http": { "routePrefix": "v1" } } }"#;
    let local = r#"{ "Values": { "WORD": "file", "BLANK": "file", "OTHER": "file", "FLAG": true,
        "AzureFunctionsJobHost__extensions__http__routePrefix": "v2",
        "languageWorkers__node__arguments": "--no-warnings --title=argued" } }"#;
    let app = app_of(host_json, local);
    let mut command = command_of(&app);
    command.env("WORD", "shell").env("BLANK", "").env("AzureFunctionsJobHost__extensions__http__routePrefix", "v3");
    let dev = Dev::start(command, &[]);
    for (name, expected) in [("WORD", "\"shell\""), ("BLANK", "\"file\""), ("OTHER", "\"file\""), ("FLAG", "\"True\"")]
    {
        assert!(dev.post("/v3/setting", name).1.contains(expected), "{name}");
    }
    assert!(dev.post("/v3/title", "").1.contains("argued"));
    assert_eq!(dev.post("/v2/setting", "WORD").0, 404);
}

#[test]
fn reports_settings_without_effect_and_warns_of_routes() {
    let host_json = r#"{ "version": "2.0", "extensionBundle": { "id": "x" }, "healthMonitor": { "enabled": true } }"#;
    let app = app_of(host_json, r#"{ "Values": { "WORD": "file" }, "Host": { "Https": true } }"#);
    let mut command = command_of(&app);
    command.env("WORD", "shell");
    let dev = Dev::start_without_waiting(command, &[]);
    assert_eq!(
        dev.wait_for("[host] without effect on this host: "),
        "host.json: extensionBundle, healthMonitor; local.settings.json: Host.Https; \
         local.settings.json, as the shell sets these variables: WORD"
    );
    let refused = dev.wait_for("[error] function clerk is not served: ");
    assert!(
        refused.contains("begins with `admin`") && refused.contains("give the function another route"),
        "{refused}"
    );
    let warning = dev.wait_for("[warn] the function all (route `all/{*rest}`) takes GET /api/all/env before env ");
    assert!(warning.contains("the order of the functions' names"), "{warning}");
}

#[test]
fn reports_functions_in_host_json_that_the_app_does_not_have() {
    let app = app_of(r#"{ "version": "2.0", "functions": ["title", "nobody"] }"#, "{}");
    let mut dev = Dev::start_without_waiting(command_of(&app), &[]);
    assert_eq!(dev.wait_for("[error] `functions` in host.json names "), NOBODY);
    dev.wait_until_ready();
    assert_eq!((dev.post("/api/title", "").0, dev.post("/api/setting", "").0), (200, 404));
}

#[test]
fn options_replace_the_settings_of_the_files() {
    let app =
        app_of(r#"{ "version": "2.0", "functions": ["title"] }"#, r#"{ "Host": { "CORS": "http://a.example" } }"#);
    let options = ["--functions", "setting", "nobody", "--cors", "http://b.example", "--cors-credentials"];
    let mut dev = Dev::start_without_waiting(command_of(&app), &options);
    assert_eq!(dev.wait_for("[error] --functions names "), NOBODY);
    dev.wait_until_ready();
    assert_eq!((dev.post("/api/title", "").0, dev.post("/api/setting", "X").0), (404, 200));
    for (origin, is_allowed) in [("http://a.example", false), ("http://b.example", true)] {
        let head = dev.head_of_post("/api/setting", &format!("origin: {origin}\r\n"));
        assert_eq!(head.contains(&format!("access-control-allow-origin: {origin}")), is_allowed, "{head}");
        assert_eq!(head.contains("access-control-allow-credentials: true"), is_allowed, "{head}");
    }
    let wrong = command_of(&app).args(["dev", "--port", "0", "--watch", "--cors", "b.example"]).output().unwrap();
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(said.contains("--cors: \"b.example\" is not an origin"), "{said}");
}

#[test]
fn prints_more_or_less_and_as_json() {
    let app = app_of(r#"{ "version": "2.0", "functions": ["title", "loud"] }"#, "{}");
    let dev = Dev::start(command_of(&app), &["--verbose"]);
    assert_eq!(dev.post("/api/title", "").0, 200);
    assert!(dev.wait_for("[host] POST /api/title → 200 after ").contains(" ms (title "));
    drop(dev);

    let dev = Dev::start(command_of(&app), &["--quiet"]);
    assert_eq!(dev.post("/api/loud", "").0, 200);
    assert!(dev.wait_for("[").starts_with("warning] loud "), "the first entry is the warning");
    drop(dev);

    let mut dev = Dev::start_without_waiting(command_of(&app), &["--json"]);
    let next = |dev: &Dev, source: &str| loop {
        let line: serde_json::Value = serde_json::from_str(&format!("{{{}", dev.wait_for("{"))).unwrap();
        if line["source"] == source && line["message"] != "too quiet" && (source != "host" || line["url"].is_string()) {
            break line;
        }
    };
    let url = next(&dev, "host")["url"].as_str().unwrap().to_owned();
    dev.port = url.rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(dev.post("/api/loud", "").0, 200);
    let line = next(&dev, "function");
    let expected = ["warning", "loud", "loud enough"].map(serde_json::Value::from);
    assert_eq!([&line["level"], &line["function"], &line["message"]], expected.each_ref());
    assert_eq!(line["invocationId"].as_str().unwrap().len(), 36);
}

#[test]
fn colors_the_level_only_if_asked() {
    let app = app_of(r#"{ "version": "2.0" }"#, "{}");
    for (variables, label) in [
        (&[("CLICOLOR_FORCE", "1")][..], "\x1b[33m[warning]\x1b[0m loud "),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], "[warning] loud "),
        (&[], "[warning] loud "),
    ] {
        let mut command = command_of(&app);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(variables.iter().copied());
        let dev = Dev::start(command, &[]);
        assert_eq!(dev.post("/api/loud", "").0, 200);
        assert!(dev.wait_for(label).ends_with(" loud enough"), "{variables:?}");
    }
}

#[test]
fn host_json_decides_which_log_entries_are_printed() {
    let levels = r#""logging": { "logLevel": { "Function.loud": "Warning" } }"#;
    let app = app_of(&format!(r#"{{ "version": "2.0", "functions": ["loud"], {levels} }}"#), "{}");
    let dev = Dev::start(command_of(&app), &[]);
    assert_eq!(dev.post("/api/loud", "").0, 200);
    assert!(dev.wait_for("[").starts_with("warning] loud "), "the first entry is the warning");
}

#[test]
fn logs_a_failed_admin_call_with_its_id() {
    let app = app_of(r#"{ "version": "2.0" }"#, "{}");
    let dev = Dev::start(command_of(&app), &[]);
    assert_eq!(dev.post_json("/admin/functions/fails", "{}").0, 202);
    let line = dev.wait_for("[error] function fails ");
    let (id, reason) = line.split_once(' ').unwrap();
    assert!(id.len() == 36 && reason.starts_with("failed: on purpose"), "{line}");
}

#[test]
fn local_settings_set_the_port() {
    let port = free_port();
    let app = app_of(r#"{ "version": "2.0" }"#, &format!(r#"{{ "Host": {{ "LocalHttpPort": {port} }} }}"#));
    let mut dev = Dev::start_as_it_is(command_of(&app), &["dev"]);
    dev.wait_until_ready();
    assert_eq!((dev.port, post(port, "/api/title", "").0), (port, 200));
}

#[test]
fn exits_with_the_name_of_an_invalid_setting() {
    for (host_json, local, parts) in [
        (r#"{ "version": "1.0" }"#, "{}", ["host.json", r#""version" is "1.0""#]),
        (r#"{ "version": "2.0", "functionTimeout": "soon" }"#, "{}", ["functionTimeout in host.json", "\"soon\""]),
        (
            r#"{ "version": "2.0" }"#,
            r#"{ "IsEncrypted": true, "Values": { "A": "x" } }"#,
            ["local.settings.json", "decrypt"],
        ),
        (r#"{ "version": "2.0" }"#, r#"{ "Values": { "A": {} } }"#, ["local.settings.json", "Values.A"]),
    ] {
        let app = app_of(host_json, local);
        let output = command_of(&app).args(["dev", "--port", "0"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && parts.iter().all(|part| text.contains(part)), "{host_json}: {text}");
    }
}
