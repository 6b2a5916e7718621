//! The message of the internal queue that stands for a new blob (azure-sdk-for-net, `BlobTriggerMessage.cs`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

/// A version of a blob that a function has to process.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BlobMessage {
    r#type: String,
    /// The function: `Host.Functions.NAME`.
    pub function_id: String,
    blob_type: String,
    /// The name of the blob's container.
    pub container_name: String,
    /// The name of the blob.
    pub blob_name: String,
    /// The version, in quotes.
    #[serde(rename = "ETag")]
    etag: String,
}

impl BlobMessage {
    /// Makes the message for a version of a blob.
    pub fn new(function_id: &str, container: &str, blob: &str, etag: &str) -> Self {
        Self {
            r#type: "BlobTrigger".to_owned(),
            function_id: function_id.to_owned(),
            blob_type: "BlockBlob".to_owned(),
            container_name: container.to_owned(),
            blob_name: blob.to_owned(),
            etag: format!("\"{etag}\""),
        }
    }

    /// Reads a message. Returns `None` for a text that is not such a message.
    pub fn decode(text: &str) -> Option<Self> {
        serde_json::from_slice(&BASE64.decode(text).ok()?).ok()
    }

    /// Returns the text of the message.
    pub fn encode(&self) -> String {
        BASE64.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Returns the version, without quotes.
    pub fn etag(&self) -> &str {
        self.etag.trim_matches('"')
    }

    /// Returns the name of the receipt, a blob of the container `azure-webjobs-hosts`.
    pub fn receipt(&self, host_id: &str) -> String {
        let Self { function_id, container_name, blob_name, .. } = self;
        format!("blobreceipts/{host_id}/{function_id}/{}/{container_name}/{blob_name}", self.etag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_written_as_the_platform_does_and_read_back() {
        let message = BlobMessage::new("Host.Functions.f", "in", "a/b.png", "0x8D");
        let json = BASE64.decode(message.encode()).unwrap();
        assert_eq!(
            String::from_utf8(json).unwrap(),
            r#"{"Type":"BlobTrigger","FunctionId":"Host.Functions.f","BlobType":"BlockBlob","ContainerName":"in","BlobName":"a/b.png","ETag":"\"0x8D\""}"#
        );
        assert_eq!(BlobMessage::decode(&message.encode()), Some(message));
        assert_eq!(BlobMessage::decode("e30="), None);
        let message = BlobMessage::new("Host.Functions.f", "in", "a/b.png", "0x8D");
        assert_eq!(message.receipt("host"), "blobreceipts/host/Host.Functions.f/0x8D/in/a/b.png");
    }
}
