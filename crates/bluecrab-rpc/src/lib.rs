//! The messages of FunctionRpc, for a host and for a worker.
//!
//! The protocol belongs to the platform; `proto/FunctionRpc.proto` names its source. The host is the gRPC server. It
//! shares one bidirectional stream of [`StreamingMessage`]s with each worker process.

mod messages {
    #![allow(missing_docs, clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/azure_functions_rpc_messages.rs"));
}

mod repair;

pub use messages::*;
pub use streaming_message::Content;

use prost::bytes::Bytes;
use prost::{DecodeError, Message};

impl StreamingMessage {
    /// A message without a request id: it does not answer a request, and expects no answer.
    pub fn new(content: Content) -> Self {
        Self { request_id: String::new(), content: Some(content) }
    }

    /// Reads a message of a worker. Each lone surrogate in a text becomes U+FFFD.
    ///
    /// # Errors
    /// Fails if the bytes are not a message.
    pub fn read(bytes: Bytes) -> Result<Self, DecodeError> {
        Self::decode(bytes.clone()).or_else(|error| {
            let mut repaired = bytes.to_vec();
            repair::repair(&mut repaired);
            Self::decode(Bytes::from(repaired)).map_err(|_| error)
        })
    }
}

impl TypedData {
    /// Makes the message for a text.
    pub fn string(text: impl Into<String>) -> Self {
        Self { data: Some(typed_data::Data::String(text.into())) }
    }

    /// Makes the message for a text that is JSON.
    pub fn json(text: impl Into<String>) -> Self {
        Self { data: Some(typed_data::Data::Json(text.into())) }
    }
}

impl StatusResult {
    /// The worker's error message, or `None` if the result is a success.
    pub fn failure(&self) -> Option<String> {
        if self.status() == status_result::Status::Success {
            return None;
        }
        let message = self.exception.as_ref().map(|exception| exception.message.trim().to_owned());
        Some(message.filter(|message| !message.is_empty()).unwrap_or_else(|| "the worker gave no reason".to_owned()))
    }
}
