//! The module's side of `docs/abi.md`. Only the code that the macros write calls it.

mod frame;
mod manifest;
#[cfg(target_family = "wasm")]
mod module;

pub use frame::{PlainReader, print_any, print_plain, read_any};
pub use manifest::{Line, assert_names_differ, concat, length, text};
#[cfg(target_family = "wasm")]
pub use module::{run, warm_up};

#[cfg(feature = "schemas")]
pub use crate::schemas::{
    DescribeResponse, Description, KnownArgument, KnownResponse, Probe, UnknownArgument, UnknownResponse,
};

/// Keeps code that describes a function only if the feature `schemas` is on.
#[cfg(feature = "schemas")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_schemas {
    ($($code:tt)*) => { $($code)* };
}

/// Keeps code that describes a function only if the feature `schemas` is on.
#[cfg(not(feature = "schemas"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_schemas {
    ($($code:tt)*) => {};
}

use crate::extract::{FromRequest, FromRequestParts};
use crate::fields::RequestFields;
use crate::handler::Handler;
use crate::into_output::IntoOutput;
use crate::output::Written;
use crate::problem::Problem;
use crate::response::{IntoResponse, Response};
use crate::tool::ToolArguments;

/// What the compiler must know about a kind of trigger.
#[derive(Clone, Copy)]
pub struct Trigger {
    /// Whether HTTP requests call the function.
    pub is_http: bool,
    /// Whether it can bring several items at once.
    has_batches: bool,
    /// Whether it brings nothing but a body: no metadata, and nobody reads input bindings.
    is_only_body: bool,
}

impl Trigger {
    /// HTTP.
    pub const HTTP: Self = Self { is_http: true, ..Self::SINGLE };
    /// A trigger that brings one message, event or blob.
    pub const SINGLE: Self = Self { is_http: false, has_batches: false, is_only_body: false };
    /// A trigger that can bring several messages or events.
    pub const BATCHED: Self = Self { has_batches: true, ..Self::SINGLE };
    /// JavaScript of the same app.
    pub const CALLABLE: Self = Self { is_only_body: true, ..Self::SINGLE };

    /// The parts that an argument reads. Panics, at compile time, if the trigger does not have them.
    #[track_caller]
    const fn check(self, fields: RequestFields) -> RequestFields {
        assert!(
            self.is_http || self.has_batches || !fields.is_batch(),
            "this trigger brings one item at a time: write the type without `Batch`"
        );
        assert!(
            !self.is_only_body || !fields.has_bindings(),
            "only JavaScript calls this function, so it has no metadata and no inputs: pass them in the body"
        );
        if self.is_http { fields.of_http() } else { fields.of_others() }
    }
}

/// Which parts of the request a function's last argument reads.
#[track_caller]
pub const fn last_argument_fields<T: FromRequest<Via>, Via>(trigger: Trigger) -> RequestFields {
    trigger.check(T::FIELDS)
}

/// Which parts of the request any other argument reads.
#[track_caller]
pub const fn argument_fields<T: FromRequestParts>(trigger: Trigger) -> RequestFields {
    trigger.check(T::FIELDS)
}

/// The outputs of a return type. Compiles only if `T` can be one.
pub const fn response_outputs<T: IntoResponse>() -> &'static str {
    T::OUTPUTS
}

/// The outputs of a function. Compiles only if `H` can be called with a request.
pub const fn handler_outputs<Arguments, H: Handler<Arguments>>(_: &H) -> &'static str {
    H::OUTPUTS
}

/// The properties of an MCP tool. Compiles only if `T` describes them.
pub const fn tool_properties<T: ToolArguments>() -> &'static str {
    T::PROPERTIES
}

/// Fails, at compile time, if there can be several values.
#[track_caller]
pub const fn assert_single<T: IntoOutput>() {
    assert!(!T::IS_MANY, "a blob is one value: write the type without `Vec`");
}

/// Adds outputs to a response. If that fails, the error is the response.
pub fn add_outputs(mut response: Response, add: impl FnOnce(&mut Written<'_>) -> Result<(), Problem>) -> Response {
    match add(&mut Written(&mut response.outputs)) {
        Ok(()) => response,
        Err(problem) => problem.into_response(),
    }
}
