//! An app for one test, with functions that note what they receive.

use crate::azurite::Azurite;
use crate::common::{PATIENCE, app_of, options_of, start};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bluecrab_host::Host;
use bluecrab_host::storage::Queue;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What all apps begin with. `note` writes a line that survives the worker.
const PRELUDE: &str = "
const { appendFileSync, existsSync } = require('node:fs');
const { output, input } = require(require.resolve('@azure/functions', { paths: [process.env.LIBRARY] }));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const note = (value, context) => appendFileSync('noted', `${JSON.stringify({
  value: Buffer.isBuffer(value) ? { base64: value.toString('base64') } : value,
  name: context.functionName,
  metadata: context.triggerMetadata,
})}\\n`);
";

/// A running app.
pub struct App {
    pub host: Host,
    /// The worker's process id at the start.
    pub worker: u32,
    folder: TempDir,
}

impl App {
    /// Starts an app with these functions. `extensions` is the member of host.json.
    pub async fn start(azurite: &Azurite, extensions: Value, functions: &str) -> Self {
        let folder = folder(azurite, &extensions, functions);
        Self::start_in(folder).await
    }

    /// Starts the app in a folder.
    pub async fn start_in(folder: TempDir) -> Self {
        let (host, worker) = start(options_of(&folder)).await;
        Self { host, worker, folder }
    }

    /// Stops the host. Returns the folder, in which the app can be started again.
    pub async fn stop(self) -> TempDir {
        self.host.stop().await;
        self.folder
    }

    /// Returns what the functions have noted, in its order.
    pub fn noted(&self) -> Vec<Value> {
        noted_in(&self.folder)
    }

    /// Returns the values that a function has noted.
    pub fn values_of(&self, function: &str) -> Vec<Value> {
        self.noted()
            .into_iter()
            .filter(|noted| noted["name"] == function)
            .map(|mut noted| noted["value"].take())
            .collect()
    }

    /// Returns the app's folder.
    pub fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Writes a file that functions can look for.
    pub fn write(&self, file: &str) {
        std::fs::write(self.folder.path().join(file), "").unwrap();
    }
}

/// Makes the folder of an app.
pub fn folder(azurite: &Azurite, extensions: &Value, functions: &str) -> TempDir {
    let settings =
        json!({ "Values": { "AzureWebJobsStorage": azurite.connection(), "LIBRARY": env!("CARGO_MANIFEST_DIR") } });
    let host_json = json!({ "version": "2.0", "extensions": extensions });
    let files = [("local.settings.json", settings.to_string()), ("host.json", host_json.to_string())];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    app_of(&format!("{PRELUDE}{functions}"), &files)
}

/// Returns what the functions of the app in a folder have noted. The last line may not be complete yet.
pub fn noted_in(folder: &TempDir) -> Vec<Value> {
    let file: PathBuf = folder.path().join("noted");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let complete = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    complete.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Waits until a condition holds.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < PATIENCE, "{what}: not in time");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Returns a client of a queue.
pub fn queue(azurite: &Azurite, name: &str) -> Queue {
    Queue::new(&azurite.storage(), name).unwrap()
}

/// Writes a message as base64.
pub async fn put(queue: &Queue, bytes: impl AsRef<[u8]>) {
    queue.put(&STANDARD.encode(bytes)).await.unwrap();
}

/// Waits until a queue has this many messages, the invisible ones included.
pub async fn until_length(queue: &Queue, expected: usize) {
    // A length that cannot be read says nothing.
    let has_length = async || queue.length().await.is_ok_and(|length| length == expected);
    until(&format!("queue {} has {expected} messages", queue.name()), has_length).await;
}
