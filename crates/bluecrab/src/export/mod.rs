//! The module's side of `docs/abi.md`. Only the code that the macro `#[http]` writes calls it.

mod frame;
mod manifest;
#[cfg(target_family = "wasm")]
mod module;

pub use frame::{print_head, read_head};
pub use manifest::{manifest, manifest_length};
#[cfg(target_family = "wasm")]
pub use module::{run, warm_up};

use crate::extract::{FromRequest, FromRequestParts};
use crate::handler::Handler;
use crate::head::RequestFields;
use crate::response::IntoResponse;

/// Which parts of the head a function's last argument reads.
pub const fn last_argument_fields<T: FromRequest<Via>, Via>() -> RequestFields {
    T::FIELDS
}

/// Which parts of the head any other argument reads.
pub const fn argument_fields<T: FromRequestParts>() -> RequestFields {
    T::FIELDS
}

/// Compiles only if `T` can be the return type of a function.
pub const fn assert_into_response<T: IntoResponse>() {}

/// Compiles only if `H` can be called with a request.
pub const fn assert_handler<Arguments, H: Handler<Arguments>>(_: &H) {}
