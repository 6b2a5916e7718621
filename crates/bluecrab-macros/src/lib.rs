//! The attribute macros of the crate `bluecrab`, which exports them again. Depend on that crate instead.

mod attribute;
mod expand;
mod manifest;
mod path;
mod quantity;

use proc_macro::TokenStream;

/// Declares an HTTP function. See the documentation of `bluecrab::http`.
#[proc_macro_attribute]
pub fn http(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let function = item.clone();
    expand::http(attribute.into(), item.into()).map_or_else(
        // Keep the function, so that the compiler does not report errors for its callers as well.
        |error| [error.into_compile_error().into(), function].into_iter().collect(),
        TokenStream::from,
    )
}
