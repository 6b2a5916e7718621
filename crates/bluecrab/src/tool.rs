//! What the clients of an MCP tool learn about its arguments.

use serde_json::{Map, Value};

/// A struct that an MCP tool reads as `Json<T>`. `#[derive(ToolArguments)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not describe the arguments of a tool",
    note = "write `#[derive(ToolArguments)]` before the struct"
)]
pub trait ToolArguments {
    /// The tool's properties, as a JSON list.
    #[doc(hidden)]
    const PROPERTIES: &'static str;
}

/// Without a struct for its arguments, a tool has no properties to describe.
impl ToolArguments for Value {
    const PROPERTIES: &'static str = "[]";
}

/// Without a struct for its arguments, a tool has no properties to describe.
impl ToolArguments for Map<String, Value> {
    const PROPERTIES: &'static str = "[]";
}

/// The type of a field in a struct with `#[derive(ToolArguments)]`: a text, a number, a boolean, a `Vec` or an `Option`
/// of one of these, or a [`Value`]. Implement it for your own enum of texts: its type is `string`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a tool",
    note = "an argument is a text, a number, a boolean, a `Vec` or an `Option` of one of these, or a `serde_json::Value`"
)]
pub trait ToolArgument {
    /// Its type in JSON Schema: `string`, `number`, `integer`, `boolean` or `object`.
    const TYPE: &'static str;
    /// `true` if there can be several.
    const IS_ARRAY: &'static str = "false";
    /// `false` if it can be left out.
    const IS_REQUIRED: &'static str = "true";
}

macro_rules! arguments {
    ($($name:literal $($type:ty),*;)*) => {$($(
        impl ToolArgument for $type {
            const TYPE: &'static str = $name;
        }
    )*)*};
}

arguments! {
    "string" String, char;
    "boolean" bool;
    "integer" u8, u16, u32, u64, usize, i8, i16, i32, i64, isize;
    "number" f32, f64;
    "object" Value, Map<String, Value>;
}

impl<T: ToolArgument> ToolArgument for Vec<T> {
    const TYPE: &'static str = T::TYPE;
    const IS_ARRAY: &'static str = "true";
}

impl<T: ToolArgument> ToolArgument for Option<T> {
    const TYPE: &'static str = T::TYPE;
    const IS_ARRAY: &'static str = T::IS_ARRAY;
    const IS_REQUIRED: &'static str = "false";
}
