//! Why a storage operation failed.

use super::account::Endpoint;
use http::StatusCode;

/// Why a storage operation failed, in words for the developer.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The app does not say which account to use, or says it in a way that this host does not support.
    #[error("{0}")]
    Settings(String),
    /// The value is too large, or has a wrong form.
    #[error("{0}")]
    Invalid(String),
    /// The service cannot be reached, or the connection broke.
    #[error("the storage at {address} cannot be reached ({reason}){remedy}")]
    Unreachable {
        /// The service's address.
        address: String,
        /// The error of the connection.
        reason: String,
        /// What the developer can do.
        remedy: &'static str,
    },
    /// The service refused the operation.
    #[error("the storage refused to {what}: {message} ({code}, {status})")]
    Refused {
        /// The operation, such as `write a message to queue jobs`.
        what: String,
        /// The HTTP status.
        status: StatusCode,
        /// The service's name for the error, such as `QueueNotFound`.
        code: String,
        /// The message from the service.
        message: String,
    },
    /// The service's answer cannot be understood.
    #[error("the storage's answer to the request to {what} cannot be read: {reason}")]
    Unreadable {
        /// The operation.
        what: String,
        /// What is wrong with the answer.
        reason: String,
    },
}

/// Returns the first cause of an error, which says most.
pub fn deepest<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    error.source().map_or(error, deepest)
}

impl StorageError {
    pub(super) fn unreachable(endpoint: &Endpoint, reason: &(dyn std::error::Error + 'static)) -> Self {
        let is_local = endpoint.authority.starts_with("127.0.0.1:") || endpoint.authority.starts_with("localhost:");
        Self::Unreachable {
            address: format!("{}://{}", endpoint.scheme, endpoint.authority),
            reason: deepest(reason).to_string(),
            remedy: if is_local { ": is the emulator Azurite running?" } else { "" },
        }
    }

    /// Returns whether the service says that the queue, blob, container, table, message or entity does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status: StatusCode::NOT_FOUND, .. })
    }

    /// Returns whether a message is gone, or belongs to another receiver now.
    pub fn is_lost(&self) -> bool {
        self.is_missing() || self.has_code("PopReceiptMismatch")
    }

    /// Returns whether the object has another ETag than the request expects.
    pub fn is_other_version(&self) -> bool {
        matches!(self, Self::Refused { status: StatusCode::PRECONDITION_FAILED, .. })
    }

    /// Returns whether the service answered with this error code.
    pub fn has_code(&self, expected: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == expected)
    }

    /// Returns whether the same request may succeed later, because the service could not be reached or had no capacity.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => {
                status.is_server_error()
                    || matches!(*status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
            }
            _ => false,
        }
    }
}

/// Lets `?` turn the error into the sentence that says why a binding cannot be used.
impl From<StorageError> for String {
    fn from(error: StorageError) -> Self {
        error.to_string()
    }
}

/// Returns the code and the message of the table service's answer, if it describes an error.
pub(super) fn of_json(text: &str) -> Option<(String, String)> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let error = &value["odata.error"];
    Some((error["code"].as_str()?.to_owned(), error["message"]["value"].as_str().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_error_of_the_table_service() {
        let text = r#"{"odata.error":{"code":"TableNotFound","message":{"lang":"en-US","value":"No table."}}}"#;
        assert_eq!(of_json(text), Some(("TableNotFound".to_owned(), "No table.".to_owned())));
        assert_eq!(of_json("{}"), None);
    }
}
