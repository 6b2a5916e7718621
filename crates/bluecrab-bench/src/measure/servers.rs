//! A server for each function, and the verified calls to them.

use super::answers::agree;
use super::client::Call;
use super::server::Server;
use super::verified_call::VerifiedCall;
use crate::scenario::{Body, Function, Payload, Scenario};
use anyhow::{Context, Result, anyhow};
use futures_util::future::try_join_all;
use std::path::Path;
use std::sync::Arc;

/// The servers in the functions' order, with the calls to them.
pub struct Servers {
    pub servers: Vec<Server>,
    /// For each payload a call of each function.
    pub calls: Vec<Vec<Arc<VerifiedCall>>>,
}

impl Servers {
    /// Starts a server for each function, all at once.
    pub async fn start<'a>(scenario: &'a Scenario, bluecrab: &'a Path) -> Result<Self> {
        let start =
            |function: &'a Function| Server::start(bluecrab, &scenario.apps[&function.app], scenario.cores, &[]);
        let servers = try_join_all(scenario.functions.iter().map(start)).await?;
        Ok(Self { servers, calls: Vec::new() })
    }

    /// Calls every function with every payload, and compares the answers with the baseline's.
    pub async fn verify(&mut self, scenario: &Scenario) -> Result<()> {
        for payload in &scenario.payloads {
            let mut calls: Vec<Arc<VerifiedCall>> = Vec::new();
            for (function, server) in scenario.functions.iter().zip(&self.servers) {
                let call = call(scenario, server, function, payload)?;
                let first = explain(call.send().await, function, payload, server)?.body;
                let expected = calls.first().map_or_else(|| first.clone(), |baseline| baseline.first.clone());
                verify(scenario, function, payload, &first, &expected).await?;
                calls.push(Arc::new(VerifiedCall::new(call, scenario.answers.clone(), first, expected)));
            }
            self.calls.push(calls);
        }
        Ok(())
    }

    /// Replaces all servers by new ones, which must answer the same.
    pub async fn renew(&mut self, scenario: &Scenario, bluecrab: &Path) -> Result<()> {
        self.stop().await?;
        self.servers = Self::start(scenario, bluecrab).await?.servers;
        for (payload, calls) in scenario.payloads.iter().zip(&mut self.calls) {
            for ((function, server), verified) in scenario.functions.iter().zip(&self.servers).zip(calls) {
                *verified = Arc::new(verified.on(call(scenario, server, function, payload)?));
            }
        }
        Ok(())
    }

    /// Ends all servers.
    pub async fn stop(&mut self) -> Result<()> {
        try_join_all(std::mem::take(&mut self.servers).into_iter().map(Server::stop)).await?;
        Ok(())
    }

    /// Whether we started all of them.
    pub fn is_ours(&self) -> bool {
        self.servers.iter().all(|server| server.worker.is_some())
    }
}

/// The call of a function with a payload.
pub fn call(scenario: &Scenario, server: &Server, function: &Function, payload: &Payload) -> Result<Call> {
    let url = format!("{}{}", server.url, function.path);
    let body = payload.body(&function.name);
    let bytes = body.map(|body| body.bytes.clone());
    let call = Call::new(function.method.as_deref(), &url, headers(function, body), bytes, scenario.call_limit);
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

/// Fails if a function's answer does not agree with the baseline's.
pub async fn verify(
    scenario: &Scenario,
    function: &Function,
    payload: &Payload,
    answer: &[u8],
    expected: &[u8],
) -> Result<()> {
    agree(&scenario.answers, answer, expected).await.with_context(|| {
        let baseline = &scenario.functions[0].name;
        format!("{} and {baseline} answer differently to {}", function.name, payload.name)
    })
}

/// Adds to an error the function, its payload, and what its host printed last.
pub fn explain<T>(outcome: Result<T>, function: &Function, payload: &Payload, server: &Server) -> Result<T> {
    outcome.map_err(|error| {
        let mut text = format!("{} with {} fails: {error:#}", function.name, payload.name);
        if let Some(lines) = server.last_lines() {
            text.push_str(&format!("\nThe last lines of its host:\n{lines}"));
        }
        anyhow!(text)
    })
}
