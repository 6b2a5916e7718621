use super::*;

const VERSION: &str = r#"{"version":"2.0"}"#;

fn read(host_json: &str, local_settings: &str, environment: &[(&str, &str)]) -> Result<App, String> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("host.json", host_json);
    write("package.json", "{}");
    if !local_settings.is_empty() {
        write("local.settings.json", local_settings);
    }
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    App::read_in(folder.path(), environment).map_err(|error| error.to_string())
}

#[test]
fn reports_a_folder_that_is_not_an_app() {
    let folder = tempfile::tempdir().unwrap();
    let missing = App::read(folder.path()).unwrap_err().to_string();
    assert!(missing.contains("has no host.json"), "{missing}");
    let missing = App::read(&folder.path().join("none")).unwrap_err().to_string();
    assert!(missing.contains("does not exist"), "{missing}");
}

#[test]
fn reads_host_json() {
    let app = read(VERSION, "", &[]).unwrap();
    assert_eq!((app.route_prefix.as_str(), app.function_timeout), ("api", Some(Duration::from_secs(1800))));
    assert!(app.loads("any") && app.ignored.is_none() && app.body_bytes.is_none());
    let text = r#"{ // a comment
        "version": "2.0", "functionTimeout": "00:00:05", "functions": ["Hello"],
        "extensions": { "http": { "routePrefix": "", "maxConcurrentRequests": 3, "maxOutstandingRequests": -1,
            "customHeaders": { "X-Content-Type-Options": "nosniff" } } }, }"#;
    let app = read(text, "", &[]).unwrap();
    assert_eq!((app.route_prefix.as_str(), app.function_timeout), ("", Some(Duration::from_secs(5))));
    assert!(app.loads("hello") && !app.loads("other"));
    assert_eq!(app.http.concurrent.unwrap().available_permits(), 3);
    assert!(app.http.outstanding.is_none());
    assert_eq!(app.http.custom_headers[0].0, "x-content-type-options");
    assert_eq!(app.http.custom_headers[0].1, "nosniff");
    assert_eq!(read(r#"{"version":"2.0","functionTimeout":"-1"}"#, "", &[]).unwrap().function_timeout, None);
    assert!(read("{}", "", &[]).is_ok());
}

#[test]
fn app_settings_override_host_json_and_the_shell_overrides_local_settings() {
    let text = r#"{"version":"2.0","functionTimeout":"00:00:05","extensions":{"http":{"routePrefix":"v1"}}}"#;
    let local = r#"{"Values":{
        "AzureFunctionsJobHost__functionTimeout": "00:00:07",
        "AZUREFUNCTIONSJOBHOST__extensions__http__routePrefix": "v2",
        "languageWorkers__node__arguments": "--inspect=0  --no-warnings",
        "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": 200000000,
        "AzureWebJobs.first.Disabled": true, "AzureWebJobs_second_Disabled": "1", "AzureWebJobs.third.Disabled": "no" }}"#;
    let app = read(text, local, &[("AzureFunctionsJobHost__functionTimeout", "00:00:09")]).unwrap();
    assert_eq!((app.route_prefix.as_str(), app.function_timeout), ("v2", Some(Duration::from_secs(9))));
    assert_eq!(app.node_arguments, ["--inspect=0", "--no-warnings"]);
    assert_eq!(app.body_bytes, Some(200_000_000));
    assert_eq!(["first", "second", "third", "fourth"].map(|name| app.disables(name)), [true, true, false, false]);
}

#[test]
fn reports_invalid_settings() {
    for (host_json, environment, parts) in [
        (r#"{"version":"1.0"}"#, None, ["host.json", r#""version" is "1.0""#]),
        (r#"{"version":2.0}"#, None, ["host.json", r#""version": "2.0""#]),
        (r#"{"Version":"2.0"}"#, None, ["host.json", r#"no "version""#]),
        (r#"{"version":"2.0","functionTimeout":"5 min"}"#, None, ["functionTimeout in", r#""5 min""#]),
        (r#"{"version":"2.0","functionTimeout":"00:00:00.5"}"#, None, ["functionTimeout in", "at least 1 s"]),
        (
            VERSION,
            Some(("AzureFunctionsJobHost__functionTimeout", "x")),
            ["AzureFunctionsJobHost__functionTimeout", "\"x\""],
        ),
        (r#"{"version":"2.0","extensions":{"http":{"routePrefix":"v1/"}}}"#, None, ["routePrefix in", "slash"]),
        (
            r#"{"version":"2.0","extensions":{"http":{"maxConcurrentRequests":0}}}"#,
            None,
            ["maxConcurrentRequests in", "\"0\""],
        ),
        (
            r#"{"version":"2.0","extensions":{"http":{"customHeaders":{"a b":"c"}}}}"#,
            None,
            ["customHeaders.a b", "HTTP allows"],
        ),
        (r#"{"version":"2.0","logging":{"logLevel":{"Function":"Loud"}}}"#, None, ["logLevel.Function", "Loud"]),
        (VERSION, Some(("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "100MB")), ["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "bytes"]),
        (VERSION, Some(("FUNCTIONS_WORKER_RUNTIME", "python")), ["FUNCTIONS_WORKER_RUNTIME", "expected node"]),
    ] {
        let error = read(host_json, "", environment.as_slice()).map(|_| ()).unwrap_err();
        assert!(parts.iter().all(|part| error.contains(part)), "{host_json} {environment:?}: {error}");
    }
}

#[test]
fn lists_settings_without_effect_in_one_line() {
    let host_json = r#"{"version":"2.0","routePrefix":"x","extensionBundle":{"id":"a"},
        "logging":{"logLevel":{"default":"Warning"},"applicationInsights":{"samplingSettings":{}}},
        "extensions":{"queues":{"batchSize":1,"x":1},"blobs":{"poisonBlobThreshold":1},"serviceBus":{"prefetchCount":1},"http":{"routePrefix":"v1","hsts":{"isEnabled":false},"dynamicThrottlesEnabled":true}}}"#;
    let environment = [
        ("AzureFunctionsJobHost__extensionBundle__id", "b"),
        ("languageWorkers__node__defaultExecutablePath", "/node"),
        ("FUNCTIONS_WORKER_PROCESS_COUNT", "2"),
        ("AzureFunctionsJobHost__logging__logLevel__default", "Error"),
    ];
    let app = read(host_json, r#"{"Host":{"UseHttps":true}}"#, &environment).unwrap();
    assert_eq!(
        app.ignored.unwrap(),
        "without effect on this host: host.json: extensionBundle, extensions.http.dynamicThrottlesEnabled, \
         extensions.queues.x, extensions.serviceBus, logging.applicationInsights, routePrefix; local.settings.json: Host.UseHttps; \
         app settings: AzureFunctionsJobHost__extensionBundle__id, languageWorkers__node__defaultExecutablePath, \
         FUNCTIONS_WORKER_PROCESS_COUNT"
    );
}
