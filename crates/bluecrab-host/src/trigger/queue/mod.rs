//! Fires functions for the messages of a queue.

mod listener;

pub use listener::{Handler, Listener, Outage, Outcome};

use super::expression::settings_in;
use super::invoker::{Fired, Invoker, RunError};
use super::listener::{ListenerContext, not_fired};
use crate::app::App;
use crate::console;
use crate::storage::{Message, Queue, http_date_to_json};
use crate::worker::Function;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bluecrab_rpc::{TypedData, typed_data::Data};
use bytes::Bytes;
use serde_json::Value;
use std::sync::Arc;

/// Fires a function for each message of its queue until it is told to stop, and then waits for its last messages.
pub async fn listen(context: ListenerContext) {
    let ListenerContext { invoker, function, app, stop } = context;
    let binding = function.trigger();
    let queue = tokio::select! {
        queue = queue_of(binding, &app) => queue,
        () = stop.cancelled() => return,
    };
    let queue = match queue {
        Ok(queue) => queue,
        Err(reason) => return not_fired(&function, &reason),
    };
    let is_binary = binding["dataType"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("binary"));
    let (settings, poison) = (app.queues.clone(), queue.poison());
    let is_base64 = settings.is_base64;
    let handler = QueueTrigger { invoker, function, queue: queue.clone(), poison, is_binary, is_base64 };
    Listener::new(queue, settings, handler).listen(stop).await;
}

/// Returns the queue that a binding names.
///
/// # Errors
/// Returns a sentence if the binding names no queue, or if its connection cannot be used.
pub async fn queue_of(binding: &Value, app: &App) -> Result<Queue, String> {
    let name = settings_in(binding["queueName"].as_str().unwrap_or_default(), app)?;
    let storage = app.storage(binding["connection"].as_str()).await?;
    Ok(Queue::new(&storage, &name)?)
}

/// A function that a queue triggers.
struct QueueTrigger {
    invoker: Invoker,
    function: Arc<Function>,
    queue: Queue,
    poison: Option<Queue>,
    is_binary: bool,
    is_base64: bool,
}

impl Handler for QueueTrigger {
    async fn handle(&self, message: &Message) -> Outcome {
        let name = &self.function.name;
        let body = match decode(&message.text, self.is_base64) {
            Some(body) => body,
            None => {
                console::error(&format!(
                    "message {} of queue {} is not base64, so function {name} cannot receive it: write it as base64, or \
                     set extensions.queues.messageEncoding in host.json to \"none\"",
                    message.id,
                    self.queue.name()
                ));
                return Outcome::Unreadable;
            }
        };
        let text = std::str::from_utf8(&body).ok().map(str::to_owned);
        let value = match (&text, self.is_binary) {
            (_, true) => TypedData { data: Some(Data::Bytes(body)) },
            (Some(text), false) => TypedData::string(text),
            (None, false) => {
                console::error(&format!(
                    "message {} of queue {} is not UTF-8, so function {name} cannot receive it as text: register the \
                     trigger with dataType: 'binary'",
                    message.id,
                    self.queue.name()
                ));
                return Outcome::Failed;
            }
        };
        let reason = format!("New queue message detected on '{}'.", self.queue.name());
        let fired = Fired { value, metadata: metadata(message, text), reason };
        match self.invoker.run(&self.function, fired).await {
            Ok(()) => Outcome::Done,
            Err(RunError::Failed(_)) => Outcome::Failed,
            Err(RunError::Stopped) => Outcome::Stopped,
        }
    }

    fn poison(&self, _message: &Message) -> Option<Queue> {
        self.poison.clone()
    }
}

/// Returns the bytes of a message. `None` if it should be base64 and is not.
pub fn decode(text: &str, is_base64: bool) -> Option<Bytes> {
    if !is_base64 {
        return Some(text.to_owned().into());
    }
    // .NET ignores white space in base64.
    let dense: String = text.split_ascii_whitespace().collect();
    BASE64.decode(dense).ok().map(Bytes::from)
}

/// Returns the metadata of a message (azure-sdk-for-net, `QueueTriggerBinding.CreateBindingData`).
fn metadata(message: &Message, text: Option<String>) -> Vec<(String, TypedData)> {
    let text = text.map(|text| ("QueueTrigger", TypedData::string(text)));
    let rest = [
        ("DequeueCount", TypedData::json(message.dequeue_count.to_string())),
        ("ExpirationTime", TypedData::json(http_date_to_json(&message.expires))),
        ("Id", TypedData::string(&message.id)),
        ("InsertionTime", TypedData::json(http_date_to_json(&message.inserted))),
        ("NextVisibleTime", TypedData::json(http_date_to_json(&message.next_visible))),
        ("PopReceipt", TypedData::string(&message.pop_receipt)),
    ];
    text.into_iter().chain(rest).map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_base64_as_dotnet_does() {
        assert_eq!(decode("aGk=", true).unwrap(), "hi");
        assert_eq!(decode(" aG\nk= ", true).unwrap(), "hi");
        assert_eq!(decode("", true).unwrap(), "");
        assert_eq!(decode("hello", true), None);
        assert_eq!(decode("hello", false).unwrap(), "hello");
    }

    #[test]
    fn metadata_has_the_platforms_names_and_types() {
        let message = Message {
            id: "1".to_owned(),
            dequeue_count: 2,
            inserted: "Fri, 26 Jun 2026 23:39:12 GMT".to_owned(),
            ..Message::default()
        };
        let found = metadata(&message, None);
        let get = |name: &str| found.iter().find(|(known, _)| known == name).map(|(_, data)| data.clone());
        assert_eq!(get("QueueTrigger"), None);
        assert_eq!(get("DequeueCount"), Some(TypedData::json("2")));
        assert_eq!(get("InsertionTime"), Some(TypedData::json("\"2026-06-26T23:39:12+00:00\"")));
    }
}
