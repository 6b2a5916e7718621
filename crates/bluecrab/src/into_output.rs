//! The types that a function can write to an output binding.

use crate::body::Bytes;
use crate::json::Json;
use crate::json_text::print;
use crate::output::{OutputKind, Written};
use crate::problem::Problem;
use serde::Serialize;

/// The type of a field in a struct with `#[derive(Outputs)]`.
///
/// | type | writes |
/// |---|---|
/// | [`Bytes`], `Vec<u8>` | these bytes |
/// | `String`, `&'static str` | this text |
/// | [`Json<T>`](Json) | a `T` as JSON |
/// | `Option` of one of these | nothing for `None` |
/// | `Vec` of one of these | several messages, events, entities or documents, in this order |
///
/// Tables, Cosmos DB and Event Grid take JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written to an output",
    note = "an output is `Bytes`, `String` or `Json<T>`, or an `Option` or a `Vec` of one of them"
)]
pub trait IntoOutput {
    /// Whether it can be more than one message, event or entity.
    const IS_MANY: bool = false;

    /// Writes it to the output with this name.
    ///
    /// # Errors
    /// Returns a problem if it cannot be written. Then the function writes no output at all.
    fn into_output(self, name: &str, outputs: &mut Written<'_>) -> Result<(), Problem>;
}

impl IntoOutput for Bytes {
    fn into_output(self, name: &str, outputs: &mut Written<'_>) -> Result<(), Problem> {
        outputs.add(name, OutputKind::Bytes, self);
        Ok(())
    }
}

impl IntoOutput for Vec<u8> {
    fn into_output(self, name: &str, outputs: &mut Written<'_>) -> Result<(), Problem> {
        Bytes::from(self).into_output(name, outputs)
    }
}

impl IntoOutput for String {
    fn into_output(self, name: &str, outputs: &mut Written<'_>) -> Result<(), Problem> {
        outputs.add(name, OutputKind::Text, self);
        Ok(())
    }
}

impl IntoOutput for &'static str {
    fn into_output(self, name: &str, outputs: &mut Written<'_>) -> Result<(), Problem> {
        self.to_owned().into_output(name, outputs)
    }
}

impl<T: Serialize> IntoOutput for Json<T> {
    fn into_output(self, name: &str, outputs: &mut Written<'_>) -> Result<(), Problem> {
        let json = print(&self.0)
            .map_err(|error| Problem::internal(format!("the output `{name}` cannot be written as JSON: {error}")))?;
        outputs.add(name, OutputKind::Json, json);
        Ok(())
    }
}

impl<T: IntoOutput> IntoOutput for Option<T> {
    const IS_MANY: bool = T::IS_MANY;

    fn into_output(self, name: &str, outputs: &mut Written<'_>) -> Result<(), Problem> {
        self.map_or(Ok(()), |value| value.into_output(name, outputs))
    }
}

impl<T: IntoOutput> IntoOutput for Vec<T> {
    const IS_MANY: bool = true;

    fn into_output(self, name: &str, outputs: &mut Written<'_>) -> Result<(), Problem> {
        self.into_iter().try_for_each(|value| value.into_output(name, outputs))
    }
}
