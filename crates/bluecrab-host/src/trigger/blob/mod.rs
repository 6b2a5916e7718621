//! Fires functions for new blobs and new versions of blobs.
//!
//! As on the platform, a scan writes a message to an internal queue for each new version of a blob and each function,
//! once. The messages are then processed like those of any queue: with leases, tries and a poison queue.

mod message;
mod path;
mod scan;

use super::expression::settings_in;
use super::invoker::{Fired, Invoker, RunError};
use super::listener::not_fired;
use super::metadata::TriggerData;
use super::queue::{Handler, Listener, Outcome};
use crate::app::App;
use crate::console;
use crate::storage::{Blob, Container, Message, Queue, StorageError, http_date_to_json};
use crate::worker::Function;
use bluecrab_rpc::{TypedData, typed_data::Data};
use bytes::Bytes;
use message::BlobMessage;
use path::BlobPath;
use scan::{Receipts, Watching, scan};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often a container of an emulator is listed (azure-sdk-for-net, `SharedBlobListener`).
const EMULATOR_INTERVAL: Duration = Duration::from_secs(2);
/// How often a container of a real account is listed. Each request costs money.
const INTERVAL: Duration = Duration::from_secs(10);
/// The queue for messages that failed too often (azure-sdk-for-net, `HostQueueNames.BlobTriggerPoisonQueue`).
const POISON: &str = "webjobs-blobtrigger-poison";

/// Fires these functions for new blobs until `stop` is cancelled, and then waits for the last calls.
pub async fn listen(invoker: Invoker, functions: Vec<Arc<Function>>, app: Arc<App>, stop: CancellationToken) {
    let prepared = tokio::select! {
        prepared = prepare(functions, &app) => prepared,
        () = stop.cancelled() => return,
    };
    let Some((triggers, receipts)) = prepared else { return };
    let mut scans = JoinSet::new();
    for (container, watching) in by_container(&triggers) {
        let every = if container.is_emulated() { EMULATOR_INTERVAL } else { INTERVAL };
        scans.spawn(scan(container, watching, receipts.clone(), every, stop.clone()));
    }
    let handler = BlobQueue { invoker, triggers };
    Listener::new(receipts.queue, app.blobs.queue(), handler).listen(stop).await;
    while scans.join_next().await.is_some() {}
}

/// Returns what an existing blob brings to a function. `path` is `CONTAINER/NAME`; it need not match the function's own
/// path.
///
/// # Errors
/// Returns a sentence if the blob cannot be read.
pub async fn by_hand(path: &str, function: &Function, app: &App) -> Result<TriggerData, String> {
    let (container, name) =
        parts(path).ok_or("give the path of an existing blob as \"input\", such as \"pictures/cat.png\"")?;
    let storage = app.storage(function.trigger()["connection"].as_str()).await?;
    let container = Container::new(&storage, container)?;
    let blob = container.get(name, None).await?.ok_or_else(|| format!("there is no blob {path}"))?;
    let parameters = path_of(function, app)?.parameters(name).unwrap_or_default();
    let metadata = metadata(&blob, path, &container.url(name), parameters);
    Ok((TypedData { data: Some(Data::Bytes(blob.bytes)) }, metadata))
}

/// Returns what a blob with these contents would bring to a function. No storage is needed.
///
/// # Errors
/// Returns a sentence if `path` is not `CONTAINER/NAME`.
pub fn recorded(path: &str, contents: Bytes, function: &Function, app: &App) -> Result<TriggerData, String> {
    const EXPECTED: &str =
        "say which blob has these contents, such as \"metadata\": {\"blobTrigger\": \"pictures/cat.png\"}";
    let (_, name) = parts(path).ok_or(EXPECTED)?;
    let mut metadata = vec![("BlobTrigger".to_owned(), TypedData::string(path))];
    let parameters = path_of(function, app)?.parameters(name).unwrap_or_default();
    metadata.extend(parameters.into_iter().map(|(name, value)| (name, TypedData::string(value))));
    Ok((TypedData { data: Some(Data::Bytes(contents)) }, metadata))
}

/// Returns the queue of all blob triggers, and the queue for the messages of a function that failed too often.
///
/// # Errors
/// Returns a sentence if the storage cannot be used.
pub async fn queues(function: &Function, app: &App) -> Result<(Queue, Queue), String> {
    let storage = app.storage(function.trigger()["connection"].as_str()).await?;
    Ok((receipts(app).await?.queue, Queue::new(&storage, POISON)?))
}

/// Returns the path of the blob that a message of these queues stands for, if the message is for this function.
pub fn poison_blob(text: &str, function: &Function) -> Option<String> {
    let message = BlobMessage::decode(text).filter(|message| message.function_id == id(function))?;
    Some(format!("{}/{}", message.container_name, message.blob_name))
}

/// Returns whether Event Grid, and not a scan, fires a function for new blobs.
pub fn is_event_grid(function: &Function) -> bool {
    function.trigger()["source"].as_str().is_some_and(|source| source.eq_ignore_ascii_case("EventGrid"))
}

/// Returns the name of a function in messages and receipts.
fn id(function: &Function) -> String {
    format!("Host.Functions.{}", function.name)
}

/// Splits `CONTAINER/NAME`.
fn parts(path: &str) -> Option<(&str, &str)> {
    path.split_once('/').filter(|(container, name)| !container.is_empty() && !name.is_empty())
}

/// Returns the path that a function watches.
fn path_of(function: &Function, app: &App) -> Result<BlobPath, String> {
    BlobPath::parse(&settings_in(function.trigger()["path"].as_str().unwrap_or_default(), app)?)
}

/// Finds the containers and the host's own storage. Prints which functions cannot be fired.
async fn prepare(functions: Vec<Arc<Function>>, app: &App) -> Option<(HashMap<String, BlobTrigger>, Receipts)> {
    let mut triggers = HashMap::new();
    for function in &functions {
        match BlobTrigger::new(function, app).await {
            Ok(trigger) => drop(triggers.insert(id(function), trigger)),
            Err(reason) => not_fired(function, &reason),
        }
    }
    if triggers.is_empty() {
        return None;
    }
    match receipts(app).await {
        Ok(receipts) => Some((triggers, receipts)),
        Err(error) => {
            triggers.values().for_each(|trigger| not_fired(&trigger.function, &error.to_string()));
            None
        }
    }
}

async fn receipts(app: &App) -> Result<Receipts, StorageError> {
    let storage = app.storage(None).await?;
    let host_id = app.host_id();
    Ok(Receipts {
        container: Container::new(&storage, "azure-webjobs-hosts")?,
        queue: Queue::new(&storage, &format!("azure-webjobs-blobtrigger-{host_id}"))?,
        host_id: host_id.into(),
    })
}

/// Groups the functions by the container that they watch, so that each container is listed once.
fn by_container(triggers: &HashMap<String, BlobTrigger>) -> Vec<(Container, Vec<Watching>)> {
    let mut groups: HashMap<String, (Container, Vec<Watching>)> = HashMap::new();
    for (id, trigger) in triggers {
        let group = groups.entry(trigger.container.url("")).or_insert_with(|| (trigger.container.clone(), Vec::new()));
        group.1.push(Watching { id: id.clone(), path: trigger.path.clone() });
    }
    groups.into_values().collect()
}

/// A function that blobs trigger.
struct BlobTrigger {
    function: Arc<Function>,
    container: Container,
    path: Arc<BlobPath>,
    poison: Queue,
}

impl BlobTrigger {
    async fn new(function: &Arc<Function>, app: &App) -> Result<Self, String> {
        let trigger = function.trigger();
        if is_event_grid(function) {
            return Err("its source is Event Grid, which this host does not receive: call it with \
                        POST /admin/functions/NAME"
                .to_owned());
        }
        super::storage::refuse_sdk_binding(trigger)?;
        let path = path_of(function, app)?;
        let storage = app.storage(trigger["connection"].as_str()).await?;
        let (container, poison) = (Container::new(&storage, &path.container)?, Queue::new(&storage, POISON)?);
        Ok(Self { function: Arc::clone(function), container, path: Arc::new(path), poison })
    }

    async fn fire(&self, message: &BlobMessage, invoker: &Invoker) -> Result<Outcome, StorageError> {
        let name = &message.blob_name;
        let Some(parameters) = self.path.parameters(name) else { return Ok(Outcome::Done) };
        // Another version has a message of its own.
        let Some(blob) = self.container.get(name, Some(message.etag())).await? else { return Ok(Outcome::Done) };
        let path = format!("{}/{name}", message.container_name);
        let fired = Fired {
            metadata: metadata(&blob, &path, &self.container.url(name), parameters),
            reason: format!("New blob detected(LogsAndContainerScan): {path}"),
            value: TypedData { data: Some(Data::Bytes(blob.bytes)) },
        };
        Ok(match invoker.run(&self.function, fired).await {
            Ok(()) => Outcome::Done,
            Err(RunError::Failed(_)) => Outcome::Failed,
            Err(RunError::Stopped) => Outcome::Stopped,
        })
    }
}

/// Handles the messages of the internal queue.
struct BlobQueue {
    invoker: Invoker,
    triggers: HashMap<String, BlobTrigger>,
}

impl Handler for BlobQueue {
    async fn handle(&self, message: &Message) -> Outcome {
        let Some(message) = BlobMessage::decode(&message.text) else { return Outcome::Unreadable };
        // The function may have been removed from the app.
        let Some(trigger) = self.triggers.get(&message.function_id) else { return Outcome::Done };
        trigger.fire(&message, &self.invoker).await.unwrap_or_else(|error| {
            console::error(&format!("function {} cannot receive a blob: {error}", trigger.function.name));
            Outcome::Failed
        })
    }

    fn poison(&self, message: &Message) -> Option<Queue> {
        let function = BlobMessage::decode(&message.text).map(|message| message.function_id);
        let trigger =
            function.and_then(|function| self.triggers.get(&function)).or_else(|| self.triggers.values().next());
        trigger.map(|trigger| trigger.poison.clone())
    }
}

/// Returns the metadata of a blob (azure-sdk-for-net, `BlobTriggerBinding.CreateBindingData`).
fn metadata(blob: &Blob, path: &str, url: &str, parameters: Vec<(String, String)>) -> Vec<(String, TypedData)> {
    let header = |name: &str| blob.headers.get(name).and_then(|value| value.to_str().ok());
    let own: Map<String, Value> = blob
        .headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().strip_prefix("x-ms-meta-")?.to_owned(), value.to_str().ok()?.into()))
        })
        .collect();
    let date =
        |name: &str| serde_json::from_str(&http_date_to_json(header(name).unwrap_or_default())).unwrap_or(Value::Null);
    let properties = json!({
        "LastModified": date("last-modified"),
        "CreatedOn": date("x-ms-creation-time"),
        "Metadata": own,
        "BlobType": header("x-ms-blob-type"),
        "ContentLength": blob.bytes.len(),
        "ContentType": header("content-type"),
        "ContentEncoding": header("content-encoding"),
        "ContentHash": header("content-md5"),
        "ETag": header("etag"),
    });
    let mut metadata = vec![
        ("BlobTrigger".to_owned(), TypedData::string(path)),
        ("Uri".to_owned(), TypedData::json(Value::from(url).to_string())),
        ("Properties".to_owned(), TypedData::json(properties.to_string())),
        ("Metadata".to_owned(), TypedData::json(Value::Object(own).to_string())),
    ];
    for (name, value) in parameters {
        super::metadata::set(&mut metadata, &name, TypedData::string(value));
    }
    metadata
}
