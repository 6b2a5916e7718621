//! Tools, resources and prompts for MCP clients, with the client of the official Rust SDK.

use crate::common::{PATIENCE, app_of, options_of, send, send_with, start};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bluecrab_host::Host;
use hyper::Method;
use rmcp::ServiceExt;
use rmcp::model::{CallToolRequestParams, CallToolResult, GetPromptRequestParams, ReadResourceRequestParams};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;

const FUNCTIONS: &str = r"
    const { McpImageContent, McpTextContent, McpToolResponse, promptArg } = library;
    app.mcpTool('search', {
        toolName: 'searchTool',
        description: 'Finds orders',
        toolProperties: [
            { propertyName: 'query', propertyType: 'string', description: 'what to find', isRequired: true, isArray: false },
            { propertyName: 'tags', propertyType: 'string', description: '', isRequired: false, isArray: true },
        ],
        handler: (input, context) => ({ query: input.arguments.query, texts: context.triggerMetadata.mcptoolargs,
            context: context.triggerMetadata.mcptoolcontext.name, client: typeof input.clientinfo.name,
            agent: input.transport.properties.headers['content-type'],
            session: input.sessionid === context.triggerMetadata.mcpsessionid && input.sessionid.length > 0 }),
    });
    app.mcpTool('fails', { toolName: 'fails', description: 'Fails', toolProperties: [],
        handler: () => { throw new Error('no orders today'); } });
    app.mcpTool('draws', { toolName: 'draws', description: 'Draws', toolProperties: [],
        resultSchema: JSON.stringify({ type: 'object', properties: { pixels: { type: 'number' } } }),
        handler: () => new McpToolResponse({
            content: [new McpTextContent('a dot'), new McpImageContent({ data: Buffer.from([0xff, 0]), mimeType: 'image/png' })],
            structuredContent: { pixels: 1 } }) });
    app.mcpPrompt('review', { promptName: 'review', title: 'Review', description: 'Reviews code',
        promptArguments: { code: promptArg.describe('what to review').isRequired(), style: promptArg.describe('how') },
        handler: (prompt, context) => {
            if (prompt.arguments.code === 'bad') throw new Error('no such code');
            return `Review ${prompt.arguments.code} ${JSON.stringify(context.triggerMetadata.mcppromptargs)}`;
        } });
    app.generic('dialog', { trigger: { type: 'mcpPromptTrigger', promptName: 'dialog', useResultSchema: true },
        handler: () => JSON.stringify({ type: 'prompt_messages', content: JSON.stringify([
            { role: 'user', content: { type: 'text', text: 'Hello' } },
            { role: 'assistant', content: { type: 'text', text: 'Hi' } }]) }) });
    app.mcpResource('note', { uri: 'note://{id}/text', resourceName: 'note',
        handler: (input, context) => context.triggerMetadata.mcpresourceuri });
    app.mcpTool('off', { toolName: 'off', description: 'Is off', toolProperties: [], handler: () => 'off' });
    app.mcpResource('notes', { uri: 'file://notes.txt', resourceName: 'notes', mimeType: 'text/markdown',
        handler: (input) => '# ' + (typeof input === 'string' ? JSON.parse(input) : input).uri });
    const described = (content) => JSON.stringify({ content: JSON.stringify(content) });
    app.mcpResource('dot', { uri: 'file://dot.png', resourceName: 'dot', mimeType: 'image/png',
        handler: () => described({ blob: 'AAA=', _meta: { pixels: 1 } }) });
    app.mcpResource('page', { uri: 'file://page', resourceName: 'page', mimeType: 'text/plain',
        handler: () => described({ uri: 'file://page.html', mimeType: 'text/html', text: '<p>' }) });
    app.mcpResource('data', { uri: 'file://data', resourceName: 'data', handler: () => JSON.stringify({ content: '[1]' }) });
    const file = (name, uri, path, members) => app.mcpResource(name, { uri, resourceName: name,
        handler: () => described({ path, ...members }) });
    file('manual', 'file://manual', require('node:path').join(__dirname, 'host.json'), { mimeType: 'text/x-manual', meta: { pages: 1 } });
    file('raw', 'file://raw', require('node:path').join(__dirname, 'host.json'), {});
    file('gone', 'file://gone', require('node:path').join(__dirname, 'gone.md'), {});
    file('relative', 'file://relative', 'host.json', {});
    app.mcpResource('logo', { uri: 'file://logo.png', resourceName: 'logo', handler: () => Buffer.from([0xff, 0]) });
";

async fn connect(host: &Host) -> RunningService<RoleClient, ()> {
    let url = format!("http://{}/runtime/webhooks/mcp", host.address());
    ().serve(StreamableHttpClientTransport::from_uri(url)).await.unwrap()
}

async fn call(client: &RunningService<RoleClient, ()>, name: &'static str, arguments: Value) -> CallToolResult {
    let request = CallToolRequestParams::new(name).with_arguments(arguments.as_object().unwrap().clone());
    client.call_tool(request).await.unwrap()
}

fn text(result: &CallToolResult) -> Value {
    serde_json::to_value(&result.content).unwrap()[0]["text"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_lists_and_calls_tools() {
    let host_json =
        r#"{ "version": "2.0", "extensions": { "mcp": { "serverName": "orders", "instructions": "Ask." } } }"#;
    let local = r#"{ "Values": { "AzureWebJobs.off.Disabled": true } }"#;
    let app = app_of(FUNCTIONS, &[("host.json", host_json), ("local.settings.json", local)]);
    let (host, _) = start(options_of(&app)).await;
    let client = connect(&host).await;
    let server = serde_json::to_value(client.peer_info().unwrap()).unwrap();
    assert_eq!((&server["serverInfo"]["name"], &server["instructions"]), (&json!("orders"), &json!("Ask.")));
    let tools = serde_json::to_value(client.list_all_tools().await.unwrap()).unwrap();
    let names: Vec<&Value> = tools.as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    assert_eq!(names, ["draws", "fails", "searchTool"]);
    assert_eq!(tools[0]["outputSchema"]["properties"]["pixels"]["type"], "number", "{tools}");
    let schema = json!({
        "type": "object",
        "properties": {
            "query": { "type": "string", "description": "what to find" },
            "tags": { "type": "array", "items": { "type": "string" }, "description": "" },
        },
        "required": ["query"],
    });
    assert_eq!(tools[2]["inputSchema"], schema, "{tools}");
    let found = call(&client, "searchTool", json!({ "query": "tea", "tags": ["a"] })).await;
    let answer: Value = serde_json::from_str(text(&found).as_str().unwrap()).unwrap();
    let expected = json!({
        "query": "tea",
        "texts": { "query": "tea", "tags": "[\"a\"]" },
        "context": "searchTool",
        "client": "string",
        "agent": "application/json",
        "session": true,
    });
    assert_eq!(answer, expected);
    let drawn = serde_json::to_value(call(&client, "draws", json!({})).await).unwrap();
    let image = json!({ "type": "image", "data": "/wA=", "mimeType": "image/png" });
    assert_eq!(drawn["content"], json!([{ "type": "text", "text": "a dot" }, image]));
    assert_eq!(drawn["structuredContent"], json!({ "pixels": 1 }));
    let failed = call(&client, "fails", json!({})).await;
    assert_eq!(failed.is_error, Some(true));
    assert!(text(&failed).as_str().unwrap().contains("no orders today"), "{failed:?}");
    for (name, arguments, part) in [
        ("searchTool", json!({}), "query"),
        ("searchTool", json!({ "query": null }), "query"),
        ("off", json!({}), "off"),
    ] {
        let request = CallToolRequestParams::new(name).with_arguments(arguments.as_object().unwrap().clone());
        let error = client.call_tool(request).await.unwrap_err().to_string();
        assert!(error.contains(part), "{name} {arguments}: {error}");
    }
    drop(client.cancel().await);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_reads_resources() {
    let app = app_of(FUNCTIONS, &[]);
    let (host, _) = start(options_of(&app)).await;
    let client = connect(&host).await;
    let resources = client.list_all_resources().await.unwrap();
    let uris: Vec<&str> = resources.iter().map(|resource| resource.uri.as_str()).collect();
    assert_eq!(
        uris.join(" "),
        "file://data file://dot.png file://gone file://logo.png file://manual file://notes.txt file://page file://raw \
         file://relative"
    );
    let read = async |uri: &str| {
        let found = client.read_resource(ReadResourceRequestParams::new(uri)).await.unwrap();
        serde_json::to_value(&found.contents).unwrap()
    };
    for (uri, expected) in [
        ("file://logo.png", json!({ "uri": "file://logo.png", "blob": "/wA=" })),
        (
            "file://notes.txt",
            json!({ "uri": "file://notes.txt", "mimeType": "text/markdown", "text": "# file://notes.txt" }),
        ),
        // What a function says about its content takes precedence over what the trigger says.
        (
            "file://dot.png",
            json!({ "uri": "file://dot.png", "mimeType": "image/png", "blob": "AAA=", "_meta": { "pixels": 1 } }),
        ),
        ("file://page", json!({ "uri": "file://page.html", "mimeType": "text/html", "text": "<p>" })),
        ("file://data", json!({ "uri": "file://data", "mimeType": "text/plain", "text": r#"{"content":"[1]"}"# })),
    ] {
        assert_eq!(read(uri).await, json!([expected]), "{uri}");
    }
    let text = std::fs::read_to_string(app.path().join("host.json")).unwrap();
    let manual =
        json!([{ "uri": "file://manual", "mimeType": "text/x-manual", "text": text, "_meta": { "pages": 1 } }]);
    assert_eq!(read("file://manual").await, manual);
    let bytes = STANDARD.encode(text);
    let raw = json!([{ "uri": "file://raw", "mimeType": "application/octet-stream", "blob": bytes }]);
    assert_eq!(read("file://raw").await, raw);
    for (uri, reason) in [("file://gone", "cannot read the resource's file"), ("file://relative", "absolute path")] {
        let said = client.read_resource(ReadResourceRequestParams::new(uri)).await.unwrap_err().to_string();
        assert!(said.contains(reason), "{said}");
    }
    let templates = client.list_all_resource_templates().await.unwrap();
    let templates: Vec<&str> = templates.iter().map(|template| template.uri_template.as_str()).collect();
    assert_eq!(templates, ["note://{id}/text"]);
    let note = read("note://7.a/text").await;
    assert_eq!((&note[0]["uri"], &note[0]["text"]), (&json!("note://7.a/text"), &json!("note://7.a/text")));
    for uri in ["file://none", "note:///text", "note://a/b/text", "note://7/text/x"] {
        assert!(client.read_resource(ReadResourceRequestParams::new(uri)).await.is_err(), "{uri}");
    }
    drop(client.cancel().await);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_prompts() {
    let app = app_of(FUNCTIONS, &[]);
    let (host, _) = start(options_of(&app)).await;
    let client = connect(&host).await;
    let prompts = serde_json::to_value(client.list_all_prompts().await.unwrap()).unwrap();
    let review = json!({
        "name": "review",
        "title": "Review",
        "description": "Reviews code",
        "arguments": [
            { "name": "code", "description": "what to review", "required": true },
            { "name": "style", "description": "how", "required": false },
        ],
    });
    assert_eq!((&prompts[0]["name"], &prompts[1]), (&json!("dialog"), &review));
    let get = async |name: &str, arguments: Value| {
        let request = GetPromptRequestParams::new(name).with_arguments(arguments.as_object().unwrap().clone());
        client.get_prompt(request).await.map(|result| serde_json::to_value(result.messages).unwrap())
    };
    let message = |role: &str, text: &str| json!({ "role": role, "content": { "type": "text", "text": text } });
    let reviewed = get("review", json!({ "code": "x" })).await.unwrap();
    assert_eq!(reviewed, json!([message("user", r#"Review x {"code":"x"}"#)]));
    let dialog = get("dialog", json!({})).await.unwrap();
    assert_eq!(dialog, json!([message("user", "Hello"), message("assistant", "Hi")]));
    for (name, arguments, part) in [
        ("review", json!({}), "code"),
        ("review", json!({ "code": "bad" }), "no such code"),
        ("none", json!({}), "none"),
    ] {
        let error = get(name, arguments).await.unwrap_err().to_string();
        assert!(error.contains(part), "{name}: {error}");
    }
    drop(client.cancel().await);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_web_page_can_call_a_tool() {
    let app = app_of(FUNCTIONS, &[]);
    let (host, _) = start(options_of(&app)).await;
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let usual = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
    for field in [("origin", "http://evil.example"), ("host", "evil.example"), ("content-type", "text/plain")] {
        let mut headers = usual.to_vec();
        headers.retain(|(name, _)| *name != field.0);
        headers.push(field);
        let answer = send_with(&host, Method::POST, "/runtime/webhooks/mcp", &headers, list).await;
        assert!([403, 415].contains(&answer.status.as_u16()), "{field:?}: {} {}", answer.status, answer.text());
        assert!(!answer.text().contains("searchTool"), "{}", answer.text());
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_call_ends_after_a_drain_and_a_stop() {
    let functions = r"
        const { existsSync, writeFileSync } = require('node:fs');
        const file = (name) => require('node:path').join(__dirname, name);
        app.mcpTool('slow', { toolName: 'slow', description: 'Waits', toolProperties: [], handler: async () => {
            writeFileSync(file('started'), '');
            while (!existsSync(file('go'))) await new Promise((resolve) => setTimeout(resolve, 10));
            return 'done';
        } });";
    let app = app_of(functions, &[]);
    let mut options = options_of(&app);
    options.limits.drain_time = 2 * PATIENCE;
    let (host, _) = start(options).await;
    let client = connect(&host).await;
    let calling = tokio::spawn(async move { (call(&client, "slow", json!({})).await, client) });
    let pause = || tokio::time::sleep(Duration::from_millis(20));
    while !app.path().join("started").exists() {
        pause().await;
    }
    assert_eq!(send(&host, Method::POST, "/admin/host/drain", "").await.status, 202);
    let another = connect(&host).await;
    assert_eq!(another.list_all_tools().await.unwrap().len(), 1);
    let address = host.address();
    let stopping = tokio::spawn(host.stop());
    while TcpStream::connect(address).await.is_ok() {
        pause().await;
    }
    std::fs::write(app.path().join("go"), "").unwrap();
    let (result, _client) = calling.await.unwrap();
    assert_eq!(text(&result), "done");
    // The sessions of both clients are still open, and have no running call.
    tokio::time::timeout(PATIENCE, stopping).await.expect("the host stops in time").unwrap();
}
