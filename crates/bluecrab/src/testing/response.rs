//! Reads responses and outputs in tests.

use crate::output::{Output, OutputKind};
use crate::response::Response;
use serde::de::DeserializeOwned;

/// Reads responses in tests.
impl Response {
    /// What the function wrote to its outputs, in this order.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// What the function wrote to the output with this name. A field `small_picture` of a struct with
    /// `#[derive(Outputs)]` is the output `smallPicture`.
    pub fn outputs_named(&self, name: &str) -> impl Iterator<Item = &Output> {
        self.outputs.iter().filter(move |output| output.name == name)
    }

    /// The first that the function wrote to the output with this name.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs_named(name).next()
    }

    /// The body as text.
    ///
    /// # Errors
    /// Fails if the body is not UTF-8.
    pub fn text(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(self.body())
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// Fails if the body is not JSON that fits `T`.
    pub fn read_json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(self.body())
    }
}

/// Reads outputs in tests.
impl Output {
    /// The name of the binding.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the bytes are.
    pub fn kind(&self) -> OutputKind {
        self.kind
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes as text.
    ///
    /// # Errors
    /// Fails if they are not UTF-8.
    pub fn text(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(&self.bytes)
    }

    /// Reads the bytes as JSON.
    ///
    /// # Errors
    /// Fails if they are not JSON that fits `T`.
    pub fn read_json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.bytes)
    }
}
