//! A server for each function, and the calls to them.

use crate::calls;
use crate::load::Checked;
use crate::scenario::Scenario;
use crate::server::Server;
use anyhow::Result;
use std::path::Path;
use std::sync::Arc;

/// The servers with the calls to them, both in the functions' order.
pub struct Fleet {
    pub servers: Vec<Server>,
    /// Of each payload.
    pub calls: Vec<Vec<Arc<Checked>>>,
}

impl Fleet {
    /// Starts a server for each function, one after the other; an app by URL is taken as it is.
    pub async fn servers(scenario: &Scenario, bluecrab: &Path) -> Result<Vec<Server>> {
        let mut servers = Vec::new();
        for function in &scenario.functions {
            servers.push(Server::start(bluecrab, &scenario.apps[&function.app]).await?);
        }
        Ok(servers)
    }

    /// Puts new servers in the place of all, which end before. Of their functions the same answers are expected.
    pub async fn renew(&mut self, scenario: &Scenario, bluecrab: &Path) -> Result<()> {
        self.stop().await?;
        self.servers = Self::servers(scenario, bluecrab).await?;
        for (payload, calls) in scenario.payloads.iter().zip(&mut self.calls) {
            for ((function, server), checked) in scenario.functions.iter().zip(&self.servers).zip(calls) {
                *checked = Arc::new(checked.elsewhere(calls::call(scenario, server, function, payload)?));
            }
        }
        Ok(())
    }

    /// Ends all servers.
    pub async fn stop(&mut self) -> Result<()> {
        for server in std::mem::take(&mut self.servers) {
            server.stop().await?;
        }
        Ok(())
    }

    /// Whether we started all of them.
    pub fn is_ours(&self) -> bool {
        self.servers.iter().all(|server| server.worker.is_some())
    }
}
