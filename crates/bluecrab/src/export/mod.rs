//! What the macro's code calls: the module's side of `docs/abi.md`. Not for use by hand.

mod frame;
mod manifest;
#[cfg(target_family = "wasm")]
mod module;

pub use frame::{print_head, read_head};
pub use manifest::{manifest, manifest_length};
#[cfg(target_family = "wasm")]
pub use module::run;

use crate::extract::{FromRequest, FromRequestHead};
use crate::handler::Handler;
use crate::head::HeadFields;
use crate::response::IntoResponse;

/// What the head must carry for a function's last argument.
pub const fn takes_request<T: FromRequest<Via>, Via>() -> HeadFields {
    T::HEAD
}

/// What the head must carry for any other argument.
pub const fn takes_head<T: FromRequestHead>() -> HeadFields {
    T::HEAD
}

/// Compiles for what may be a function's return type.
pub const fn gives_response<T: IntoResponse>() {}

/// Compiles for what may be called with a request.
pub const fn answers<Arguments, H: Handler<Arguments>>(_: &H) {}
