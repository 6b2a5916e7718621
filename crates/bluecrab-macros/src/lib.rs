//! The attribute macros of the crate `bluecrab`; use them through it.

mod attribute;
mod expand;
mod manifest;
mod quantity;

use proc_macro::TokenStream;

/// Declares an HTTP function. The documentation is at `bluecrab::http`.
#[proc_macro_attribute]
pub fn http(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::http(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
