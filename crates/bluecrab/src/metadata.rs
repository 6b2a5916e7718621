//! Extractors of the trigger's metadata, which describes a message, an event or a blob.
//!
//! The runtime sends a function only the members of the metadata that its arguments name. A function with the argument
//! [`Metadata`] is sent all of them.
//!
//! ```
//! use bluecrab::metadata::DequeueCount;
//! use bluecrab::testing::call;
//! use bluecrab::{Problem, Request, queue};
//!
//! #[queue("jobs")]
//! fn work(DequeueCount(count): DequeueCount, job: String) -> Result<(), Problem> {
//!     if count > 3 {
//!         log::warn!("{job} has failed {} times", count - 1);
//!     }
//!     Ok(())
//! }
//!
//! let message = Request::message("grind").with_metadata("dequeueCount", 4);
//! assert_eq!(call(work, message).status(), 204);
//! ```

use crate::extract::FromRequestParts;
use crate::fields::RequestFields;
use crate::head::RequestHead;
pub use crate::invocation::{Attempts, TraceContext};
use crate::problem::Problem;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// All metadata of the trigger, read as a `T`: a struct that names members as `@azure/functions` does, or a
/// [`serde_json::Map`].
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Bytes, Metadata, Request, blob};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Stored {
///     uri: String,
///     blob_trigger: String,
/// }
///
/// #[blob("pictures/{name}")]
/// fn index(Metadata(stored): Metadata<Stored>, picture: Bytes) {
///     log::info!("{} has {} bytes: {}", stored.blob_trigger, picture.len(), stored.uri);
/// }
///
/// let picture = Request::message("PNG…").with_metadata("uri", "https://…").with_metadata("blobTrigger", "pictures/a");
/// assert_eq!(call(index, picture).status(), 204);
/// ```
///
/// For a batch, Service Bus and Event Hubs send lists, such as `sequenceNumberArray`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts for Metadata<T> {
    const FIELDS: RequestFields = RequestFields::METADATA;

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        let metadata = head.invocation.as_ref().map(|invocation| invocation.metadata.clone()).unwrap_or_default();
        let read = T::deserialize(Value::Object(metadata));
        read.map(Self).map_err(|error| Problem::bad_request(format!("cannot read the metadata: {error}")))
    }
}

/// A member of the metadata, or `None` if it is missing or null.
fn member<'a>(head: &'a RequestHead, name: &str, pointer: &str) -> Option<&'a Value> {
    head.metadata(name)?.pointer(pointer).filter(|value| !value.is_null())
}

/// Reads a member of the metadata. The host sends some numbers as text, and old versions send some texts as numbers.
fn read<T: DeserializeOwned>(head: &RequestHead, name: &str, pointer: &str) -> Result<T, Problem> {
    let missing = || Problem::bad_request(format!("the trigger's metadata has no {name}"));
    let value = member(head, name, pointer).ok_or_else(missing)?;
    let other = |error| match value {
        Value::String(text) => serde_json::from_str(text).map_err(|_| error),
        value => T::deserialize(Value::String(value.to_string())).map_err(|_| error),
    };
    let wrong = |error| Problem::bad_request(format!("cannot read {name} of the metadata, which is {value}: {error}"));
    T::deserialize(value).or_else(other).map_err(wrong)
}

macro_rules! members {
    ($($(#[$doc:meta])* $type:ident $value:ty, $name:literal $pointer:literal)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $type(pub $value);

        impl FromRequestParts for $type {
            const FIELDS: RequestFields = RequestFields::metadata($name);

            fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
                read(head, $name, $pointer).map(Self)
            }

            fn is_present(head: &RequestHead) -> bool {
                member(head, $name, $pointer).is_some()
            }
        }
    )*};
}

members! {
    /// How many times the queue has handed out this message, from 1 on.
    DequeueCount u32, "dequeueCount" ""
    /// How many times Service Bus has delivered this message, from 1 on.
    DeliveryCount u32, "deliveryCount" ""
    /// The id of a message of Service Bus. A message of a storage queue has its id in `id`: see [`Metadata`].
    MessageId String, "messageId" ""
    /// The number of a message of Service Bus, or of an event in its partition of Event Hubs. The platform's worker
    /// rounds a number beyond 2^53, such as most numbers of a partitioned queue or topic of Service Bus.
    SequenceNumber i64, "sequenceNumber" ""
    /// Where an event is in its partition of Event Hubs.
    Offset String, "offset" ""
    /// The key of an event's partition in Event Hubs.
    PartitionKey String, "partitionKey" ""
    /// The id of the partition of Event Hubs.
    PartitionId String, "partitionContext" "/partitionId"
    /// The id of an MCP client's session.
    SessionId String, "mcpsessionid" ""
}

/// The id of the invocation, which the host's log names. HTTP functions have it, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvocationId(pub String);

impl FromRequestParts for InvocationId {
    const FIELDS: RequestFields = RequestFields::INVOCATION_ID;

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        Ok(Self(head.invocation_id().to_owned()))
    }
}

/// Never rejects. HTTP functions have it, too.
impl FromRequestParts for TraceContext {
    const FIELDS: RequestFields = RequestFields::TRACE;

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        Ok(head.trace())
    }
}

/// The attempts of a function with a retry policy. Without a policy, an `Option` of it is `None`.
impl FromRequestParts for Attempts {
    const FIELDS: RequestFields = RequestFields::RETRY;

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        head.attempts().ok_or_else(|| Problem::bad_request("the invocation has no retry policy"))
    }

    fn is_present(head: &RequestHead) -> bool {
        head.attempts().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    #[test]
    fn numbers_may_be_texts_and_texts_numbers() {
        let mut head = Request::message("")
            .with_metadata("sequenceNumber", "12")
            .with_metadata("offset", 4096)
            .with_metadata("partitionContext", serde_json::json!({ "partitionId": "3" }))
            .head;
        assert_eq!(SequenceNumber::from_request_parts(&mut head).unwrap(), SequenceNumber(12));
        assert_eq!(Offset::from_request_parts(&mut head).unwrap(), Offset("4096".to_owned()));
        assert_eq!(PartitionId::from_request_parts(&mut head).unwrap(), PartitionId("3".to_owned()));
        assert_eq!(Option::<DequeueCount>::from_request_parts(&mut head).unwrap(), None);
        let missing = DequeueCount::from_request_parts(&mut head).unwrap_err();
        assert_eq!(missing.detail(), "the trigger's metadata has no dequeueCount");
    }
}
