//! Outputs and inputs of functions, HTTP included.

use crate::common::{PATIENCE, app_of, get, options_of, send, start};
use bluecrab_host::Host;
use hyper::Method;
use serde_json::{Value, json};
use std::time::Duration;

const FUNCTIONS: &str = r"
    const LARGE = Buffer.alloc(32 * 1024 * 1024, 'answered');
    const { input, output } = library;
    const bus = output.serviceBusQueue({ queueName: 'done-{id}', connection: 'C' });
    const hub = output.eventHub({ eventHubName: '%HUB%', connection: 'C' });
    app.http('web', { route: 'web/{id}', methods: ['POST'], extraOutputs: [bus, hub], handler: async (request, context) => {
        const value = await request.json();
        context.extraOutputs.set(bus, value);
        context.extraOutputs.set(hub, Buffer.from([0xff, 0x5b]));
        return { body: value === '{no json}' ? LARGE : 'answered' };
    } });
    app.storageQueue('job', { queueName: 'q', connection: 'C', return: bus, handler: (job) => [job, 'second'] });
    const named = output.eventGrid({ name: 'notes', topicEndpointUri: 'U', topicKeySetting: 'K' });
    app.storageQueue('mapped', { queueName: 'q', connection: 'C', extraOutputs: [named], handler: (id) => ({ notes: { id } }) });
    app.http('reads', { extraInputs: [input.cosmosDB({ databaseName: 'd', containerName: 'c', connection: 'C' })],
        handler: () => ({ body: 'never' }) });
    app.http('plain', { handler: () => ({ body: 'plain' }) });
";

/// Delays the head of each response, so that the host hears of the end of an invocation first.
const LATE_HEADS: &str = r"
    const { ServerResponse } = require('node:http'), { writeHead } = ServerResponse.prototype;
    ServerResponse.prototype.writeHead = function (...head) {
        const { socket } = this;
        socket.cork();
        setTimeout(() => socket.uncork(), 300);
        return writeHead.apply(this, head);
    };
";

fn app(stream: bool, more: &str) -> tempfile::TempDir {
    let setup = if stream { "app.setup({ enableHttpStream: true });" } else { "" };
    app_of(&format!("{setup}{more}{FUNCTIONS}"), &[("local.settings.json", r#"{ "Values": { "HUB": "events" } }"#)])
}

/// Waits until a function has this many outputs that were not sent, and returns them.
async fn outputs(host: &Host, function: &str, count: usize) -> Vec<Value> {
    let path = format!("/admin/functions/{function}/outputs");
    let waiting = async {
        loop {
            let outputs = get(host, &path).await.json().as_array().unwrap().clone();
            if outputs.len() >= count {
                return outputs;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the outputs are written")
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_outputs_that_it_cannot_send() {
    for stream in [false, true] {
        let app = app(stream, "");
        let (host, _) = start(options_of(&app)).await;
        assert_eq!(get(&host, "/admin/functions/web/outputs").await.json(), json!([]));
        let answer = send(&host, Method::POST, "/api/web/7", r#"[{"z":1,"a":[2]},"text"]"#).await;
        assert_eq!(answer.text(), "answered", "{stream}");
        let mut outputs_of_web = outputs(&host, "web", 2).await;
        outputs_of_web.sort_by_key(|output| output["binding"]["type"].to_string());
        let [hub, bus] = outputs_of_web.as_slice() else { panic!("{outputs_of_web:?}") };
        assert_eq!(bus["binding"]["queueName"], "done-7", "{bus}");
        assert_eq!(bus["items"], json!([{ "json": { "z": 1, "a": [2] } }, { "text": "text" }]), "{bus}");
        assert_eq!(
            (&hub["binding"]["eventHubName"], &hub["items"]),
            (&json!("events"), &json!([{ "base64": "/1s=" }]))
        );
        assert_eq!(bus["invocationId"], hub["invocationId"]);
        let fired = send(&host, Method::POST, "/admin/functions/job", r#"{"input":{"id":"x"}}"#).await;
        assert_eq!(fired.status, 202, "{}", fired.text());
        let outputs_of_job = outputs(&host, "job", 1).await;
        assert_eq!(outputs_of_job[0]["binding"]["queueName"], "done-x", "{outputs_of_job:?}");
        assert_eq!(outputs_of_job[0]["items"], json!([{ "json": { "id": "x" } }, { "text": "second" }]));
        // Without a binding for the return value, the members of an object are outputs.
        let fired = send(&host, Method::POST, "/admin/functions/mapped", r#"{"input":"x"}"#).await;
        assert_eq!(fired.status, 202, "{}", fired.text());
        assert_eq!(outputs(&host, "mapped", 1).await[0]["items"], json!([{ "json": { "id": "x" } }]));
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_fails_if_a_binding_cannot_be_used() {
    for (stream, late_heads) in [(false, ""), (true, ""), (true, LATE_HEADS)] {
        let app = app(stream, late_heads);
        let (host, _) = start(options_of(&app)).await;
        let reads = get(&host, "/api/reads").await;
        assert_eq!(reads.status, 500, "{stream}: {}", reads.text());
        assert!(reads.text().contains("(cosmosDB) cannot be read"), "{stream}: {}", reads.text());
        // The platform takes a text in braces for JSON and fails. With streaming the response is already on its way to
        // the client. It arrives whole, even if its head or the end of its body arrive later than the failure.
        let wrong = send(&host, Method::POST, "/api/web/7", r#""{no json}""#).await;
        let is_whole = wrong.status == 200 && wrong.body.len() == 32 * 1024 * 1024;
        assert!(if stream { is_whole } else { wrong.status == 500 }, "{stream}: {}", wrong.status);
        assert_eq!(get(&host, "/api/plain").await.text(), "plain");
        host.stop().await;
    }
}

/// JavaScript texts may contain lone surrogates: `'🦀'.slice(0, 1)`. The platform writes U+FFFD for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_was_cut_within_a_character_costs_nothing_else() {
    const FUNCTIONS: &str = r"
        const half = '🦀'.slice(0, 1), { output } = library;
        const list = output.serviceBusQueue({ name: 'list', queueName: 'l', connection: 'C' });
        const text = output.serviceBusQueue({ name: 'text', queueName: 't', connection: 'C' });
        app.http('cut', { extraOutputs: [list, text], handler: (_, context) => {
            context.log('cut ' + half);
            context.extraOutputs.set(list, ['cut ' + half]);
            context.extraOutputs.set(text, 'cut ' + half);
            return { body: 'answered' };
        } });
        app.http('throws', { handler: () => { throw new Error(half); } });
        app.http('pid', { handler: () => ({ body: String(process.pid) }) });
    ";
    let app = app_of(FUNCTIONS, &[]);
    let (host, process_id) = start(options_of(&app)).await;
    assert_eq!(get(&host, "/api/cut").await.text(), "answered");
    for output in outputs(&host, "cut", 2).await {
        assert_eq!(output["items"], json!([{ "text": "cut \u{fffd}" }]));
    }
    assert_eq!(get(&host, "/api/throws").await.status, 500);
    assert_eq!(get(&host, "/api/pid").await.text(), process_id.to_string(), "the worker still runs");
    host.stop().await;
}
