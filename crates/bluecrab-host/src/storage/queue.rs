//! The client of one queue.

use super::account::Service;
use super::client::{Request, Storage};
use super::error::StorageError;
use super::xml;
use http::Method;
use roxmltree::Document;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The maximum size of a message in bytes, after it was encoded.
pub const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// A queue. It need not exist.
#[derive(Clone)]
pub struct Queue {
    storage: Storage,
    name: Arc<str>,
}

/// A message that was received, and is invisible to other receivers for a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The message's id.
    pub id: String,
    /// Proves to the service that this receiver may delete or release the message.
    pub pop_receipt: String,
    /// The text, as it is in the queue.
    pub text: String,
    /// How often the message was received, this time included.
    pub dequeue_count: u32,
    /// When it was written, as an HTTP date.
    pub inserted: String,
    /// When it expires, as an HTTP date.
    pub expires: String,
    /// When it becomes visible again, as an HTTP date.
    pub next_visible: String,
}

impl Queue {
    /// Makes the client of a queue. The name is changed to lower case.
    ///
    /// # Errors
    /// Returns an error if the service does not accept the name.
    pub fn new(storage: &Storage, name: &str) -> Result<Self, StorageError> {
        let name = name.to_lowercase();
        if !is_queue_name(&name) {
            return Err(StorageError::Settings(format!(
                "{name:?} is not the name of a queue: use 3 to 63 lower-case letters, digits, and single dashes \
                 between them"
            )));
        }
        Ok(Self { storage: storage.clone(), name: name.into() })
    }

    /// Returns the queue's name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Returns the queue for messages that failed too often. `None` if this is such a queue, or if the name would be
    /// too long (azure-sdk-for-net, `QueueListenerFactory.CreatePoisonQueueReference`).
    pub fn poison(&self) -> Option<Self> {
        if self.name.ends_with("-poison") {
            return None;
        }
        Self::new(&self.storage, &format!("{}-poison", self.name)).ok()
    }

    /// Returns the signal that this host sends when it writes to the queue.
    pub fn woken(&self) -> Arc<Notify> {
        self.storage.wake_ups().of(&self.signal())
    }

    /// Creates the queue if it does not exist.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn create(&self) -> Result<(), StorageError> {
        let what = format!("create queue {}", self.name);
        let request = Request::new(Service::Queue, Method::PUT, format!("/{}", self.name), what);
        match self.storage.send(request).await {
            Err(error) if error.has_code("QueueAlreadyExists") => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Writes a message, and wakes this host's listener. Creates the queue if it does not exist.
    ///
    /// # Errors
    /// Returns an error if the text is too long, or if the service cannot be reached or refuses the message.
    pub async fn put(&self, text: &str) -> Result<(), StorageError> {
        let what = format!("write a message to queue {}", self.name);
        if text.len() > MAX_MESSAGE_BYTES {
            return Err(StorageError::Invalid(format!(
                "cannot {what}: it has {} bytes, and a message has at most {MAX_MESSAGE_BYTES}",
                text.len()
            )));
        }
        let text = xml::escape(text).map_err(|character| {
            StorageError::Invalid(format!(
                "cannot {what}: without base64 a message cannot contain {character:?}; remove \
                 extensions.queues.messageEncoding from host.json"
            ))
        })?;
        let body = format!("<QueueMessage><MessageText>{text}</MessageText></QueueMessage>");
        let request = Request::new(Service::Queue, Method::POST, self.messages(), what).body("application/xml", body);
        match self.storage.send(request.clone()).await {
            Err(error) if error.is_missing() => {
                self.create().await?;
                self.storage.send(request).await?;
            }
            outcome => drop(outcome?),
        }
        self.storage.wake_ups().wake(&self.signal());
        Ok(())
    }

    /// Returns about how many messages the queue has, the invisible ones included.
    ///
    /// # Errors
    /// Returns an error if the queue does not exist, or if the service cannot be reached or refuses the request.
    pub async fn length(&self) -> Result<usize, StorageError> {
        let what = format!("read the length of queue {}", self.name);
        let request = Request::new(Service::Queue, Method::GET, format!("/{}", self.name), what);
        let answer = self.storage.send(request.query("comp", "metadata")).await?;
        Ok(answer.header("x-ms-approximate-messages-count").parse().unwrap_or_default())
    }

    /// Receives up to `count` messages (32 at most), which stay invisible for the time of the lease.
    ///
    /// # Errors
    /// Returns an error if the queue does not exist, or if the service cannot be reached or refuses the request.
    pub async fn receive(&self, count: u32, lease: Duration) -> Result<Vec<Message>, StorageError> {
        let what = format!("read queue {}", self.name);
        let request = Request::new(Service::Queue, Method::GET, self.messages(), &what)
            .query("numofmessages", count)
            .query("visibilitytimeout", lease.as_secs());
        let text = self.storage.send_once(request).await?.text().await?;
        read_messages(&text).map_err(|reason| StorageError::Unreadable { what, reason })
    }

    /// Returns up to `count` messages (32 at most) that are visible, and leaves them as they are.
    ///
    /// # Errors
    /// Returns an error if the queue does not exist, or if the service cannot be reached or refuses the request.
    pub async fn peek(&self, count: u32) -> Result<Vec<Message>, StorageError> {
        let what = format!("look into queue {}", self.name);
        let request = Request::new(Service::Queue, Method::GET, self.messages(), &what)
            .query("numofmessages", count)
            .query("peekonly", "true");
        let text = self.storage.send(request).await?.text().await?;
        read_messages(&text).map_err(|reason| StorageError::Unreadable { what, reason })
    }

    /// Deletes a message. Succeeds too if the message is gone, or if another receiver has received it since.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn delete(&self, message: &Message) -> Result<(), StorageError> {
        let what = format!("delete message {} from queue {}", message.id, self.name);
        let request = Request::new(Service::Queue, Method::DELETE, self.path_of(message), what)
            .query("popreceipt", &message.pop_receipt);
        ignore_lost(self.storage.send(request).await.map(drop))
    }

    /// Makes a message visible to other receivers after a time. Succeeds too if the message is gone.
    ///
    /// # Errors
    /// Returns an error if the service cannot be reached or refuses the request.
    pub async fn release(&self, message: &Message, after: Duration) -> Result<(), StorageError> {
        ignore_lost(self.renew(message, after).await.map(drop))
    }

    /// Keeps a message invisible for the time of the lease from now on. Returns the new pop receipt.
    ///
    /// # Errors
    /// Returns an error if the message is gone, or if the service cannot be reached or refuses the request.
    pub async fn renew(&self, message: &Message, lease: Duration) -> Result<String, StorageError> {
        let what = format!("keep message {} of queue {}", message.id, self.name);
        let request = Request::new(Service::Queue, Method::PUT, self.path_of(message), what)
            .query("popreceipt", &message.pop_receipt)
            .query("visibilitytimeout", lease.as_secs());
        Ok(self.storage.send(request).await?.header("x-ms-popreceipt").to_owned())
    }

    fn messages(&self) -> String {
        format!("/{}/messages", self.name)
    }

    fn path_of(&self, message: &Message) -> String {
        format!("/{}/messages/{}", self.name, message.id)
    }

    fn signal(&self) -> String {
        format!("queue/{}", self.name)
    }
}

/// Turns the answer for a message that was deleted or received again into a success.
fn ignore_lost(outcome: Result<(), StorageError>) -> Result<(), StorageError> {
    match outcome {
        Err(error) if error.is_lost() => Ok(()),
        outcome => outcome,
    }
}

fn read_messages(text: &str) -> Result<Vec<Message>, String> {
    let read = |document: &Document<'_>| {
        let messages = xml::elements(document, "QueueMessage").map(|message| {
            let text = |name| xml::text(message, name).to_owned();
            Message {
                id: text("MessageId"),
                pop_receipt: text("PopReceipt"),
                text: text("MessageText"),
                dequeue_count: xml::text(message, "DequeueCount").parse().unwrap_or(1),
                inserted: text("InsertionTime"),
                expires: text("ExpirationTime"),
                next_visible: text("TimeNextVisible"),
            }
        });
        messages.collect()
    };
    xml::parse(text, read)
}

/// Returns whether the service accepts a name (azure-sdk-for-net, `QueueClientExtensions.IsValidQueueName`).
fn is_queue_name(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && name.split('-').all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::account::Account;

    #[test]
    fn checks_names_and_finds_the_poison_queue() {
        let storage = Storage::new(Account::parse("UseDevelopmentStorage=true").unwrap()).unwrap();
        let poison = |name: &str| Queue::new(&storage, name).unwrap().poison().map(|queue| queue.name().to_string());
        assert_eq!(poison("Jobs").as_deref(), Some("jobs-poison"));
        assert_eq!(poison("jobs-poison"), None);
        assert_eq!(poison(&"a".repeat(56)), Some(format!("{}-poison", "a".repeat(56))));
        assert_eq!(poison(&"a".repeat(57)), None);
        for wrong in ["", "ab", "-abc", "abc-", "a--b", "a_b", "a.b", "äöü", &"a".repeat(64)] {
            assert!(Queue::new(&storage, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reads_messages() {
        let text = "<?xml version=\"1.0\"?><QueueMessagesList><QueueMessage><MessageId>1</MessageId>\
            <InsertionTime>Fri, 26 Jun 2026 23:39:12 GMT</InsertionTime><ExpirationTime>e</ExpirationTime>\
            <PopReceipt>p==</PopReceipt><TimeNextVisible>n</TimeNextVisible><DequeueCount>3</DequeueCount>\
            <MessageText>a &lt; b&#13;</MessageText></QueueMessage><QueueMessage><MessageText /></QueueMessage>\
            </QueueMessagesList>";
        let messages = read_messages(text).unwrap();
        assert_eq!((messages[0].text.as_str(), messages[0].dequeue_count), ("a < b\r", 3));
        assert_eq!((messages[0].pop_receipt.as_str(), messages[0].expires.as_str()), ("p==", "e"));
        assert_eq!((messages.len(), messages[1].text.as_str()), (2, ""));
        assert_eq!(read_messages("<QueueMessagesList />").unwrap(), []);
        assert!(read_messages("<QueueMessagesList>").is_err());
    }
}
