//! The attribute macros of the crate `bluecrab`; use them through it.

mod attribute;
mod expand;
mod manifest;
mod path;
mod quantity;

use proc_macro::TokenStream;

/// Declares an HTTP function. The documentation is at `bluecrab::http`.
#[proc_macro_attribute]
pub fn http(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let function = item.clone();
    expand::http(attribute.into(), item.into()).map_or_else(
        // The function stays, so that its callers are not in error too.
        |error| [error.into_compile_error().into(), function].into_iter().collect(),
        TokenStream::from,
    )
}
