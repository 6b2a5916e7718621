//! What the macro's code calls: the module's side of `docs/abi.md`. Not for use by hand.

mod manifest;
#[cfg(target_family = "wasm")]
mod module;

pub use manifest::{manifest, manifest_length};
#[cfg(target_family = "wasm")]
pub use module::run;

use crate::extract::{FromRequest, FromRequestHead};
use crate::response::IntoResponse;

/// Compiles for what may be a function's last argument.
pub fn takes_request<T: FromRequest<Via>, Via>() {}

/// Compiles for what may be any argument.
pub fn takes_head<T: FromRequestHead>() {}

/// Compiles for what may be a function's return type.
pub fn gives_response<T: IntoResponse>() {}
