//! The queues of functions, and the messages in their poison queues.
//!
//! All functions with a blob trigger share an internal queue and a poison queue. Each of them sees its own messages.

use crate::app::App;
use crate::storage::{Message, Queue, StorageError};
use crate::trigger::{blob_queues, decode_message, poison_blob, queue_of};
use crate::worker::{Function, TriggerKind};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a look at a queue may take. The storage may not be there yet.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many messages the service returns at most.
const MOST_MESSAGES: u32 = 32;
/// How long messages of a poison queue are invisible while some of them are moved.
const LEASE: Duration = Duration::from_secs(30);
/// How many bytes of a message are shown.
const SHOWN_BYTES: usize = 1 << 10;

/// Describes the queue of a function and its poison queue.
pub async fn look(function: &Function, app: &App) -> Value {
    let looked = tokio::time::timeout(PATIENCE, describe(function, app)).await;
    let mut queue = match looked {
        Ok(Ok(queue)) => queue,
        Ok(Err(reason)) => json!({ "error": reason }),
        Err(_) => json!({ "error": "the storage does not answer yet" }),
    };
    queue["function"] = (*function.name).into();
    queue
}

async fn describe(function: &Function, app: &App) -> Result<Value, String> {
    let (queue, poison) = queues(function, app).await?;
    let poison = match poison {
        Some(poison) => {
            let messages = or_default(poison.peek(MOST_MESSAGES).await)?;
            let messages: Vec<Value> = messages.iter().filter_map(|message| shown(message, function, app)).collect();
            let length = length(&poison).await?;
            // The first messages of a shared queue may be those of other functions.
            let has_more = is_blob(function) && length > MOST_MESSAGES as usize;
            let length = if is_blob(function) { messages.len() } else { length };
            Some(json!({ "name": &**poison.name(), "length": length, "hasMore": has_more, "messages": messages }))
        }
        None => None,
    };
    if is_blob(function) {
        return Ok(json!({ "name": function.trigger()["path"], "length": null, "poison": poison }));
    }
    Ok(json!({ "name": &**queue.name(), "length": length(&queue).await?, "poison": poison }))
}

/// Returns the queue of a function and its poison queue.
async fn queues(function: &Function, app: &App) -> Result<(Queue, Option<Queue>), String> {
    if is_blob(function) {
        let (queue, poison) = blob_queues(function, app).await?;
        return Ok((queue, Some(poison)));
    }
    let queue = queue_of(function.trigger(), app).await?;
    let poison = queue.poison();
    Ok((queue, poison))
}

fn is_blob(function: &Function) -> bool {
    function.trigger_kind == TriggerKind::Blob
}

/// Moves messages of a poison queue back to the queue of a function: the message with this id, or all. Returns how
/// many.
///
/// # Errors
/// Returns a sentence if the storage cannot be used.
pub async fn send_again(function: &Function, app: &App, id: Option<&str>) -> Result<usize, String> {
    let (queue, Some(poison)) = queues(function, app).await? else { return Ok(0) };
    let (mut sent, mut others) = (0, Vec::new());
    // Messages that fail again while this runs stay in the poison queue.
    for _ in 0..=length(&poison).await? / MOST_MESSAGES as usize {
        let messages = or_default(poison.receive(MOST_MESSAGES, LEASE).await)?;
        let is_last = messages.is_empty();
        for message in messages {
            let is_own = !is_blob(function) || poison_blob(&message.text, function).is_some();
            if is_own && id.is_none_or(|id| *id == message.id) {
                queue.put(&message.text).await?;
                poison.delete(&message).await?;
                sent += 1;
            } else {
                others.push(message);
            }
        }
        if is_last || (id.is_some() && sent > 0) {
            break;
        }
    }
    // Until now they were invisible, so that each was received once.
    for message in &others {
        poison.release(message, Duration::ZERO).await?;
    }
    Ok(sent)
}

async fn length(queue: &Queue) -> Result<usize, String> {
    or_default(queue.length().await)
}

/// A queue that does not exist is empty.
fn or_default<T: Default>(outcome: Result<T, StorageError>) -> Result<T, String> {
    match outcome {
        Err(error) if error.is_missing() => Ok(T::default()),
        outcome => Ok(outcome?),
    }
}

/// Returns what the page shows of a poison message, or `None` if it belongs to another function.
fn shown(message: &Message, function: &Function, app: &App) -> Option<Value> {
    let text = if is_blob(function) {
        poison_blob(&message.text, function)?
    } else {
        let bytes = decode_message(&message.text, app.queues.is_base64);
        let bytes = bytes.as_deref().unwrap_or(message.text.as_bytes());
        String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN_BYTES)]).into_owned()
    };
    Some(json!({ "id": message.id, "inserted": message.inserted, "text": text }))
}
