//! The load: requests over kept connections, their latency taken from the first byte sent to the last one received.

use anyhow::{Context, Result, bail};
use bluecrab_compare::process::Process;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client as Connections;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::time::{Duration, Instant};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

/// A client of one host; clones share its connections.
#[derive(Clone)]
pub struct Client {
    base: String,
    connections: Connections<HttpConnector, Full<Bytes>>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Bytes,
    pub latency: Duration,
}

impl Client {
    /// A client of the host at `http://NAME:PORT`.
    pub fn new(base: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { base: base.to_owned(), connections: Connections::builder(TokioExecutor::new()).build(connector) }
    }

    /// Calls a function: POST where there is a body, else GET. Gives the answer and how long it took.
    pub async fn call(&self, function: &str, body: Option<&Bytes>) -> Result<(Bytes, Duration)> {
        self.call_with(function, body, &JSON).await
    }

    /// The same with header fields of the caller's choice.
    pub async fn call_with(
        &self,
        function: &str,
        body: Option<&Bytes>,
        headers: &[(&str, &str)],
    ) -> Result<(Bytes, Duration)> {
        self.send(&format!("/api/{function}"), body, headers).await.with_context(|| format!("calling {function}"))
    }

    /// The JSON of a path of the host itself.
    pub async fn get_json(&self, path: &str) -> Result<serde_json::Value> {
        let (body, _) = self.send(path, None, &[]).await.with_context(|| format!("asking {path}"))?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// The process of the host's worker.
    pub async fn worker_process(&self) -> Result<Process> {
        let status = self.get_json("/admin/host/status").await?;
        let id = status["workerProcessId"].as_u64().and_then(|id| id.try_into().ok());
        id.map(Process).context("the host names no worker process")
    }

    async fn send(&self, path: &str, body: Option<&Bytes>, headers: &[(&str, &str)]) -> Result<(Bytes, Duration)> {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let Answer { status, body: answer, latency, .. } = self.ask(&method, path, body, headers).await?;
        if !(200..300).contains(&status) {
            bail!("{status}: {}", String::from_utf8_lossy(&answer[..answer.len().min(300)]));
        }
        Ok((answer, latency))
    }

    /// Sends a request and gives the answer, whatever its status.
    pub async fn ask(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Bytes>,
        headers: &[(&str, &str)],
    ) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for &(name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body.cloned().unwrap_or_default()))?;
        let started = Instant::now();
        let response = self.connections.request(request).await?;
        let (status, content_type) = (response.status().as_u16(), response.headers().get(CONTENT_TYPE).cloned());
        let body = response.into_body().collect().await?.to_bytes();
        let content_type = content_type.and_then(|value| value.to_str().ok().map(str::to_owned)).unwrap_or_default();
        Ok(Answer { status, content_type, body, latency: started.elapsed() })
    }

    /// Calls a function from so many places at once for so long; gives the calls per second.
    pub async fn saturate(
        &self,
        function: &'static str,
        body: Option<&Bytes>,
        concurrency: usize,
        time: Duration,
    ) -> Result<f64> {
        self.saturate_with(function, body, &JSON, concurrency, time).await
    }

    /// The same with header fields of the caller's choice.
    pub async fn saturate_with(
        &self,
        function: &'static str,
        body: Option<&Bytes>,
        headers: &'static [(&'static str, &'static str)],
        concurrency: usize,
        time: Duration,
    ) -> Result<f64> {
        let started = Instant::now();
        let callers: Vec<_> = (0..concurrency)
            .map(|_| {
                let (client, body) = (self.clone(), body.cloned());
                tokio::spawn(async move {
                    let mut calls = 0_u64;
                    while started.elapsed() < time {
                        client.call_with(function, body.as_ref(), headers).await?;
                        calls += 1;
                    }
                    anyhow::Ok(calls)
                })
            })
            .collect();
        let mut calls = 0;
        for caller in callers {
            calls += caller.await??;
        }
        Ok(calls as f64 / started.elapsed().as_secs_f64())
    }
}
