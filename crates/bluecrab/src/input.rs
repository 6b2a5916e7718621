//! Input bindings as arguments.

use crate::body::Bytes;
use crate::json::Json;
use crate::json_text::read_or_problem;
use crate::problem::Problem;
use serde::de::DeserializeOwned;

/// The type of a field in a struct with `#[derive(Inputs)]`.
///
/// | type | reads | rejects the call if |
/// |---|---|---|
/// | [`Bytes`] | the input's bytes | it does not exist (404) |
/// | `String` | the input as text | also: it is not UTF-8 |
/// | [`Json<T>`](Json) | the input as JSON: an entity, a document, or a list of them | also: it does not fit `T` |
/// | `Option` of one of these | `None` if it does not exist | it exists and is wrong |
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from an input",
    note = "an input is `Bytes`, `String` or `Json<T>`, or an `Option` of one of them"
)]
pub trait FromInput: Sized {
    /// Reads the input with this name. `None` means that it does not exist.
    ///
    /// # Errors
    /// Returns a problem if the input does not fit. The function does not run.
    fn from_input(input: Option<&Bytes>, name: &str) -> Result<Self, Problem>;
}

impl FromInput for Bytes {
    fn from_input(input: Option<&Bytes>, name: &str) -> Result<Self, Problem> {
        let missing = || Problem::not_found(format!("the input `{name}` does not exist"));
        input.cloned().ok_or_else(missing)
    }
}

impl FromInput for String {
    fn from_input(input: Option<&Bytes>, name: &str) -> Result<Self, Problem> {
        let bytes = Bytes::from_input(input, name)?;
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let offset = error.valid_up_to();
            Problem::new(422, format!("the input `{name}` is not UTF-8 at byte {offset}")).with("offset", offset)
        })?;
        Ok(text.to_owned())
    }
}

impl<T: DeserializeOwned> FromInput for Json<T> {
    fn from_input(input: Option<&Bytes>, name: &str) -> Result<Self, Problem> {
        let bytes = Bytes::from_input(input, name)?;
        read_or_problem(&bytes, 422, &format!("the input `{name}`")).map(Self)
    }
}

impl<T: FromInput> FromInput for Option<T> {
    fn from_input(input: Option<&Bytes>, name: &str) -> Result<Self, Problem> {
        input.map(|bytes| T::from_input(Some(bytes), name)).transpose()
    }
}
