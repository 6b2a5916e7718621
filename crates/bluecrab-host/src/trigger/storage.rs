//! The bindings of Azure Storage: blobs, queues and tables as inputs and outputs.

use super::item::Item;
use crate::app::App;
use crate::storage::{Container, EmulatorPorts, Entity, Queue, Table, quote};
use crate::worker::{Worker, WorkerState};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bluecrab_rpc::{TypedData, typed_data::Data};
use serde_json::Value;
use tokio::sync::watch;

/// Returns whether a binding, which is not a trigger, belongs to Azure Storage.
pub fn is_storage(binding: &Value) -> bool {
    matches!(kind(binding).as_str(), "blob" | "queue" | "table")
}

/// Waits until a ready worker has a function that uses an emulator on this machine, and returns its ports.
pub async fn needs_emulator(mut state: watch::Receiver<WorkerState>) -> EmulatorPorts {
    loop {
        if let WorkerState::Ready(worker) = &*state.borrow_and_update()
            && let Some(ports) = emulator_of(worker)
        {
            return ports;
        }
        if state.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

fn emulator_of(worker: &Worker) -> Option<EmulatorPorts> {
    let enabled = worker.functions.iter().filter(|function| !function.is_disabled);
    let bindings = enabled.flat_map(|function| &function.bindings);
    let uses =
        |binding: &&Value| is_storage(binding) || matches!(kind(binding).as_str(), "queuetrigger" | "blobtrigger");
    bindings.filter(uses).find_map(|binding| worker.app.emulator(binding["connection"].as_str()))
}

/// Writes the items of an output binding, whose expressions are resolved, in their order.
///
/// # Errors
/// Returns a sentence for the first item that cannot be written.
pub async fn write(app: &App, binding: &Value, items: Vec<Item>) -> Result<(), String> {
    let storage = app.storage(text(binding, "connection")).await?;
    match kind(binding).as_str() {
        "queue" => {
            let queue = Queue::new(&storage, text(binding, "queueName").unwrap_or_default())?;
            for item in items {
                queue.put(&message(&item, app.queues.is_base64)?).await?;
            }
        }
        "blob" => {
            let (container, blob) = blob_path(binding)?;
            let container = Container::new(&storage, container)?;
            for item in items {
                container.put(blob, contents(item)).await?;
            }
        }
        _ => {
            let table = Table::new(&storage, text(binding, "tableName").unwrap_or_default())?;
            let keys = ["partitionKey", "rowKey"].map(|name| text(binding, name));
            for item in items {
                table.write(entity(&item)?, keys).await?;
            }
        }
    }
    Ok(())
}

/// Reads an input binding, whose expressions are resolved. Returns `None` for a blob or an entity that does not exist.
///
/// # Errors
/// Returns a sentence if it cannot be read.
pub async fn read(app: &App, binding: &Value) -> Result<Option<TypedData>, String> {
    let storage = app.storage(text(binding, "connection")).await?;
    if kind(binding) == "blob" {
        refuse_sdk_binding(binding)?;
        let (container, blob) = blob_path(binding)?;
        let container = Container::new(&storage, container)?;
        let Some(blob) = container.get(blob, None).await? else { return Ok(None) };
        let is_binary = text(binding, "dataType").is_some_and(|kind| kind.eq_ignore_ascii_case("binary"));
        let data = if is_binary {
            Data::Bytes(blob.bytes)
        } else {
            let text = String::from_utf8(blob.bytes.into());
            Data::String(text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
        };
        return Ok(Some(TypedData { data: Some(data) }));
    }
    let table = Table::new(&storage, text(binding, "tableName").unwrap_or_default())?;
    let (partition_key, row_key) = (text(binding, "partitionKey"), text(binding, "rowKey"));
    if let (Some(partition_key), Some(row_key)) = (partition_key, row_key) {
        let entity = table.get(partition_key, row_key).await?;
        return Ok(entity.map(|entity| TypedData::json(Value::Object(entity).to_string())));
    }
    let own = text(binding, "filter").map(str::to_owned);
    let of_partition = partition_key.map(|key| format!("PartitionKey eq '{}'", quote(key)));
    let filter = of_partition.into_iter().chain(own).collect::<Vec<_>>().join(" and ");
    let entities = table.query(&filter, take(binding)?).await?;
    Ok(Some(TypedData::json(Value::Array(entities.into_iter().map(Value::Object).collect()).to_string())))
}

/// Returns an error for a binding whose function expects a client of the blob instead of its contents.
pub fn refuse_sdk_binding(binding: &Value) -> Result<(), String> {
    if binding["properties"]["supportsDeferredBinding"] == "true" {
        return Err("it has sdkBinding: true, and this host passes blobs as bytes or text only".to_owned());
    }
    Ok(())
}

fn kind(binding: &Value) -> String {
    binding["type"].as_str().unwrap_or_default().to_lowercase()
}

/// Returns a member that is a text and not empty.
fn text<'a>(binding: &'a Value, member: &str) -> Option<&'a str> {
    binding[member].as_str().filter(|text| !text.is_empty())
}

fn blob_path(binding: &Value) -> Result<(&str, &str), String> {
    let path = text(binding, "path").unwrap_or_default();
    let parts = path.trim_start_matches('/').split_once('/').filter(|(_, blob)| !blob.is_empty());
    parts.ok_or_else(|| format!("its path is {path:?}: expected container/name"))
}

/// Returns the maximum number of entities; `None` for all.
fn take(binding: &Value) -> Result<Option<usize>, String> {
    let take = &binding["take"];
    let number = take.as_u64().or_else(|| take.as_str().and_then(|text| text.trim().parse().ok()));
    match number {
        Some(number) => Ok(usize::try_from(number).ok().filter(|number| *number > 0)),
        None if take.is_null() || take.as_str() == Some("") => Ok(None),
        None => Err(format!("its `take` is {take}: expected a whole number")),
    }
}

/// Returns the text of a message.
fn message(item: &Item, is_base64: bool) -> Result<String, String> {
    let bytes = item.message();
    if is_base64 {
        return Ok(BASE64.encode(bytes));
    }
    let not_text =
        "its bytes are not UTF-8, and messages are not base64: remove extensions.queues.messageEncoding from host.json";
    String::from_utf8(bytes.into()).map_err(|_| not_text.to_owned())
}

/// Returns the contents of a blob. JSON is written as the function spelled it.
fn contents(item: Item) -> bytes::Bytes {
    match item {
        Item::Bytes(bytes) => bytes,
        Item::Text(text) => text.into(),
        Item::Json(json) => json.get().to_owned().into(),
    }
}

fn entity(item: &Item) -> Result<Entity, String> {
    let parsed = match item {
        Item::Bytes(bytes) => serde_json::from_slice(bytes),
        Item::Text(text) => serde_json::from_str(text),
        Item::Json(json) => serde_json::from_str(json.get()),
    };
    parsed.map_err(|error| format!("a table takes JSON objects: {error}"))
}
