//! Sends spans to the collector, as JSON over HTTP.

use crate::console;
use crate::storage::deepest;
use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// More spans than this do not wait for a slow collector.
const MAX_WAITING: usize = 4096;
/// How many spans one request contains at most.
const MAX_BATCH: usize = 512;
/// How long the collector may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How long the host waits for the last spans to be sent.
const LAST_MOMENT: Duration = ANSWER_LIMIT;

/// Sends the spans until the host stops.
pub struct SpanExporter {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl SpanExporter {
    /// Sends the spans that the returned sender receives. `resource` has the attributes of the app.
    pub fn start(uri: Uri, resource: Vec<Value>) -> (mpsc::Sender<Value>, Self) {
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        let stop = CancellationToken::new();
        let task = tokio::spawn(send_all(receiver, uri, resource, stop.clone()));
        (sender, Self { stop, task })
    }

    /// Sends the spans that have ended, and no more.
    pub async fn stop(self) {
        self.stop.cancel();
        drop(tokio::time::timeout(LAST_MOMENT, self.task).await);
    }
}

/// Sends spans as they come: while one request is on its way, the spans for the next gather.
async fn send_all(mut spans: mpsc::Receiver<Value>, uri: Uri, resource: Vec<Value>, stop: CancellationToken) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (mut batch, mut has_failed) = (Vec::new(), false);
    loop {
        let count = tokio::select! {
            biased;
            () = stop.cancelled(), if !spans.is_closed() => {
                spans.close();
                continue;
            }
            count = spans.recv_many(&mut batch, MAX_BATCH) => count,
        };
        if count == 0 {
            return;
        }
        let sent = send(&client, &uri, &resource, std::mem::take(&mut batch)).await;
        if let Err(reason) = &sent
            && !has_failed
        {
            console::warn(&format!("spans are lost, because the collector at {uri} does not take them: {reason}"));
        }
        has_failed = sent.is_err();
    }
}

async fn send(
    client: &Client<HttpConnector, Full<Bytes>>,
    uri: &Uri,
    resource: &[Value],
    spans: Vec<Value>,
) -> Result<(), String> {
    let body = json!({ "resourceSpans": [{
        "resource": { "attributes": resource },
        "scopeSpans": [{ "scope": { "name": "bluecrab-host", "version": env!("CARGO_PKG_VERSION") }, "spans": spans }],
    }] });
    let request = Request::post(uri.clone()).header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Full::from(body.to_string())).map_err(|error| error.to_string())?;
    match tokio::time::timeout(ANSWER_LIMIT, client.request(request)).await {
        Err(_) => Err(format!("it has not answered for {} s", ANSWER_LIMIT.as_secs())),
        Ok(Err(error)) => Err(deepest(&error).to_string()),
        Ok(Ok(response)) if !response.status().is_success() => Err(format!("it answers {}", response.status())),
        Ok(Ok(_)) => Ok(()),
    }
}
