//! A server for each function, and the verified calls to them.

use super::answers::agree;
use super::client::Call;
use super::server::Server;
use super::verified_call::VerifiedCall;
use crate::results::units::distinct;
use crate::scenario::{Body, Function, Payload, Scenario, Settings};
use anyhow::{Context, Result, anyhow};
use futures_util::future::try_join_all;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The servers of each function by the settings of the payloads that they serve, with the calls to them.
pub struct Servers {
    servers: Vec<BTreeMap<Settings, Server>>,
    /// For each payload a call of each function.
    pub calls: Vec<Vec<Arc<VerifiedCall>>>,
}

impl Servers {
    /// Starts a server of each function for each payload's settings and one without them, all at once.
    pub async fn start(scenario: &Scenario, bluecrab: &Path) -> Result<Self> {
        let start = async |function, settings: Settings| {
            let server = Server::start(bluecrab, &scenario.app(function, &settings), scenario.cores).await?;
            anyhow::Ok((settings, server))
        };
        let settings = scenario.payloads.iter().map(|payload| payload.settings.clone());
        let settings = distinct(settings.chain([Settings::new()]));
        let of = async |function| try_join_all(settings.iter().map(|settings| start(function, settings.clone()))).await;
        let servers = try_join_all(scenario.functions.iter().map(of)).await?;
        let servers = servers.into_iter().map(BTreeMap::from_iter).collect();
        Ok(Self { servers, calls: Vec::new() })
    }

    /// Returns the server of a function's app that has only the app's own settings.
    pub fn own(&self, index: usize) -> &Server {
        &self.servers[index][&Settings::new()]
    }

    /// Returns the server on which a function gets a payload.
    pub fn with(&self, index: usize, payload: &Payload) -> &Server {
        &self.servers[index][&payload.settings]
    }

    /// Calls every function with every payload, and compares the answers with the baseline's.
    pub async fn verify(&mut self, scenario: &Scenario) -> Result<()> {
        for payload in &scenario.payloads {
            let mut calls: Vec<Arc<VerifiedCall>> = Vec::new();
            for (index, function) in scenario.functions.iter().enumerate() {
                let server = self.with(index, payload);
                let call = call(scenario, server, function, payload)?;
                let first = explain(call.send().await, function, payload, server).await?.body;
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
        let mut calls = std::mem::take(&mut self.calls);
        for (payload, calls) in scenario.payloads.iter().zip(&mut calls) {
            for (index, (function, verified)) in scenario.functions.iter().zip(calls).enumerate() {
                let server = self.with(index, payload);
                *verified = Arc::new(verified.on(call(scenario, server, function, payload)?));
            }
        }
        self.calls = calls;
        Ok(())
    }

    pub async fn stop(&mut self) -> Result<()> {
        let servers = std::mem::take(&mut self.servers).into_iter().flat_map(BTreeMap::into_values);
        try_join_all(servers.map(Server::stop)).await?;
        Ok(())
    }

    /// Returns whether we started all servers.
    pub fn is_ours(&self) -> bool {
        self.servers.iter().flat_map(BTreeMap::values).all(|server| server.worker.is_some())
    }
}

/// Makes the call of a function with a payload.
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

/// How long a host may take to print why a call has failed. Its answer often comes first.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Adds to an error the function, its payload, and what its host printed last.
pub async fn explain<T>(outcome: Result<T>, function: &Function, payload: &Payload, server: &Server) -> Result<T> {
    let error = match outcome {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    tokio::time::sleep(LAST_LINES).await;
    let mut text = format!("{} with {} fails: {error:#}", function.name, payload.name);
    if let Some(lines) = server.last_lines() {
        text.push_str(&format!("\nThe last lines of its host:\n{lines}"));
    }
    Err(anyhow!(text))
}
