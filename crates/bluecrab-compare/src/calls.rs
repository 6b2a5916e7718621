//! The functions' calls, and that their first answers agree.

use crate::answers::agree;
use crate::client::Call;
use crate::load::Checked;
use crate::scenario::{Body, Function, Payload, Scenario};
use crate::server::Server;
use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use std::sync::Arc;

/// A function's call with a payload.
pub fn call(scenario: &Scenario, server: &Server, function: &Function, payload: &Payload) -> Result<Call> {
    let url = format!("{}{}", server.url, function.path);
    let method = function.method.as_deref();
    let body = payload.of(&function.name);
    let bytes = body.map(|body| body.bytes.clone());
    let call = Call::new(method, &url, headers(function, body), bytes, scenario.call_limit);
    call.with_context(|| format!("the function {}", function.name))
}

fn headers(function: &Function, body: Option<&Body>) -> Vec<(String, String)> {
    let mut headers: Vec<_> = function.headers.clone().into_iter().collect();
    let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some(body) = body.filter(|_| !typed) {
        headers.push(("content-type".to_owned(), body.content_type.clone()));
    }
    headers
}

/// Every payload's calls of every function, whose first answers agree with the baseline's.
pub async fn agreed(scenario: &Scenario, servers: &[Server]) -> Result<Vec<Vec<Arc<Checked>>>> {
    let mut all = Vec::new();
    for payload in &scenario.payloads {
        let mut calls: Vec<Arc<Checked>> = Vec::new();
        for (function, server) in scenario.functions.iter().zip(servers) {
            let call = call(scenario, server, function, payload)?;
            let first = explain(call.send().await, function, payload, server)?.body;
            let expected = calls.first().map_or_else(|| first.clone(), |baseline| baseline.first.clone());
            compare(scenario, function, payload, &first, &expected).await?;
            calls.push(Arc::new(Checked::new(call, scenario.answers.clone(), first, expected)));
        }
        all.push(calls);
    }
    Ok(all)
}

/// Fails where a function's answer does not agree with the baseline's.
pub async fn compare(
    scenario: &Scenario,
    function: &Function,
    payload: &Payload,
    answer: &Bytes,
    expected: &Bytes,
) -> Result<()> {
    agree(&scenario.answers, answer, expected).await.with_context(|| {
        let baseline = &scenario.functions[0].name;
        format!("{} and {baseline} answer differently to {}", function.name, payload.name)
    })
}

/// Says which function, with which payload, and what its host said last.
pub fn explain<T>(outcome: Result<T>, function: &Function, payload: &Payload, server: &Server) -> Result<T> {
    outcome.map_err(|error| {
        let mut text = format!("{} with {} fails: {error:#}", function.name, payload.name);
        if let Some(lines) = server.last_lines() {
            text.push_str(&format!("\nThe last lines of its host:\n{lines}"));
        }
        anyhow!(text)
    })
}
