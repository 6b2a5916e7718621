//! FunctionRpc messages and stream, for whoever plays host or worker.
//!
//! The protocol is the platform's (`proto/FunctionRpc.proto` names the source of its numbers): one bidirectional stream
//! of [`StreamingMessage`]s between the host, which is the gRPC server, and each worker process.

mod messages {
    #![allow(missing_docs, clippy::all)]
    tonic::include_proto!("azure_functions_rpc_messages");
}

pub use messages::*;
pub use streaming_message::Content;

impl StreamingMessage {
    /// A message that answers nothing and needs no answer by number.
    pub fn new(content: Content) -> Self {
        Self { request_id: String::new(), content: Some(content) }
    }
}

impl TypedData {
    /// A text.
    pub fn string(text: impl Into<String>) -> Self {
        Self { data: Some(typed_data::Data::String(text.into())) }
    }

    /// A JSON text.
    pub fn json(text: impl Into<String>) -> Self {
        Self { data: Some(typed_data::Data::Json(text.into())) }
    }
}

impl StatusResult {
    /// What went wrong, in the worker's words; nothing where it succeeded.
    pub fn failure(&self) -> Option<String> {
        if self.status() == status_result::Status::Success {
            return None;
        }
        let message = self.exception.as_ref().map(|exception| exception.message.trim().to_owned());
        Some(message.filter(|message| !message.is_empty()).unwrap_or_else(|| "the worker gave no reason".to_owned()))
    }
}
