//! Tools and resources for MCP clients, with the client of the official Rust SDK.

use crate::common::{app_of, options_of, send_with, start};
use bluecrab_host::Host;
use hyper::Method;
use rmcp::ServiceExt;
use rmcp::model::{CallToolRequestParams, CallToolResult, ReadResourceRequestParams, ResourceContents};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use serde_json::{Value, json};

const FUNCTIONS: &str = r"
    const { arg, McpToolResponse } = library;
    app.mcpTool('search', {
        toolName: 'searchTool',
        description: 'Finds orders',
        toolProperties: [
            { propertyName: 'query', propertyType: 'string', description: 'what to find', isRequired: true, isArray: false },
            { propertyName: 'tags', propertyType: 'string', description: '', isRequired: false, isArray: true },
        ],
        handler: (input, context) => ({ query: input.arguments.query, texts: context.triggerMetadata.mcptoolargs,
            session: input.sessionid === context.triggerMetadata.mcpsessionid && input.sessionid.length > 0 }),
    });
    app.mcpTool('fails', { toolName: 'fails', description: 'Fails', toolProperties: [],
        handler: () => { throw new Error('no orders today'); } });
    app.mcpTool('off', { toolName: 'off', description: 'Is off', toolProperties: [], handler: () => 'off' });
    app.mcpResource('notes', { uri: 'file://notes.txt', resourceName: 'notes', mimeType: 'text/markdown',
        handler: (input) => '# ' + (typeof input === 'string' ? JSON.parse(input) : input).uri });
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
    assert_eq!(names, ["fails", "searchTool"]);
    let schema = json!({
        "type": "object",
        "properties": {
            "query": { "type": "string", "description": "what to find" },
            "tags": { "type": "array", "items": { "type": "string" }, "description": "" },
        },
        "required": ["query"],
    });
    assert_eq!(tools[1]["inputSchema"], schema, "{tools}");
    let found = call(&client, "searchTool", json!({ "query": "tea", "tags": ["a"] })).await;
    let answer: Value = serde_json::from_str(text(&found).as_str().unwrap()).unwrap();
    assert_eq!(answer, json!({ "query": "tea", "texts": { "query": "tea", "tags": "[\"a\"]" }, "session": true }));
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
    assert_eq!(uris, ["file://logo.png", "file://notes.txt"]);
    let mut read = Vec::new();
    for uri in uris {
        read.extend(client.read_resource(ReadResourceRequestParams::new(uri)).await.unwrap().contents);
    }
    let [
        ResourceContents::BlobResourceContents { blob, .. },
        ResourceContents::TextResourceContents { text, mime_type, .. },
    ] = read.as_slice()
    else {
        panic!("{read:?}")
    };
    assert_eq!((blob.as_str(), text.as_str()), ("/wA=", "# file://notes.txt"));
    assert_eq!(mime_type.as_deref(), Some("text/markdown"));
    assert!(client.read_resource(ReadResourceRequestParams::new("file://none")).await.is_err());
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
