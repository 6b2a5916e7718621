//! The queues of functions, and their poison queues.

use crate::app::App;
use crate::storage::{Message, Queue, StorageError};
use crate::trigger::{decode_message, queue_of};
use crate::worker::Function;
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
    let queue = queue_of(function.trigger(), app).await?;
    let length = length(&queue).await?;
    let poison = match queue.poison() {
        Some(poison) => {
            let messages = or_default(poison.peek(MOST_MESSAGES).await)?;
            let is_base64 = app.queues.is_base64;
            let messages: Vec<Value> = messages.iter().map(|message| shown(message, is_base64)).collect();
            Some(json!({ "name": &**poison.name(), "length": self::length(&poison).await?, "messages": messages }))
        }
        None => None,
    };
    Ok(json!({ "name": &**queue.name(), "length": length, "poison": poison }))
}

/// Moves messages of a poison queue back to the queue of a function: the message with this id, or all. Returns how
/// many.
///
/// # Errors
/// Returns a sentence if the storage cannot be used.
pub async fn send_again(function: &Function, app: &App, id: Option<&str>) -> Result<usize, String> {
    let queue = queue_of(function.trigger(), app).await?;
    let Some(poison) = queue.poison() else { return Ok(0) };
    let mut sent = 0;
    // Messages that fail again while this runs stay in the poison queue.
    for _ in 0..=length(&poison).await? / MOST_MESSAGES as usize {
        let messages = or_default(poison.receive(MOST_MESSAGES, LEASE).await)?;
        for message in &messages {
            if id.is_none_or(|id| *id == message.id) {
                queue.put(&message.text).await.map_err(to_text)?;
                poison.delete(message).await.map_err(to_text)?;
                sent += 1;
            } else {
                poison.release(message, Duration::ZERO).await.map_err(to_text)?;
            }
        }
        if messages.is_empty() || (id.is_some() && sent > 0) {
            break;
        }
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
        outcome => outcome.map_err(to_text),
    }
}

fn to_text(error: StorageError) -> String {
    error.to_string()
}

fn shown(message: &Message, is_base64: bool) -> Value {
    let bytes = decode_message(&message.text, is_base64);
    let text = bytes.as_deref().map_or_else(|| message.text.as_bytes().into(), <[u8]>::to_vec);
    let text = String::from_utf8_lossy(&text[..text.len().min(SHOWN_BYTES)]).into_owned();
    json!({ "id": message.id, "inserted": message.inserted, "text": text })
}
