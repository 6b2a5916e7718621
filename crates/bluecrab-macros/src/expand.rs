//! Expands `#[http]`: keeps the function, and for WebAssembly adds an export and a line of the manifest.

use crate::attribute::{self, HttpAttribute};
use crate::manifest::{manifest_line, warm_up_export};
use crate::path;
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, LitStr, Result, ReturnType, Type};

/// `bluecrab::Handler` is implemented for functions with up to this number of arguments.
const MAX_ARGUMENTS: usize = 12;

pub fn http(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let attribute: HttpAttribute = syn::parse2(attribute)?;
    let function: ItemFn = syn::parse2(item)
        .map_err(|error| Error::new(error.span(), "write `#[http]` before a function, as in `#[http] fn name() {}`"))?;
    let arguments = arguments(&function)?;
    let ident = &function.sig.ident;
    let name = match &attribute.name {
        Some(name) => name.clone(),
        None => attribute::name(&LitStr::new(&ident.unraw().to_string().replace('_', "-"), ident.span()))?,
    };
    path::check(attribute.route.as_deref(), &name, &arguments)?;
    // Two functions of a crate may have the same identifier, in different Rust modules, but not the same name.
    let export = format!("bluecrab_call_{name}");
    let (before, after) = manifest_line(&attribute, &name, &export);
    let fields = fields(&arguments);
    let response = response(ident, &function.sig.output);
    let (example, warm_up) = warm_up(&attribute, &name);
    Ok(quote! {
        #function

        const _: () = {
            // The types are checked on every target, so that an editor and `cargo check` report wrong types as well.
            #[cfg_attr(not(target_family = "wasm"), allow(dead_code))]
            const FIELDS: ::bluecrab::RequestFields = #fields;
            #response;
            #example
            // Avoids a warning about an unused function on targets without the export.
            let _ = #ident;

            // Stands outside of the block, whose `export` would hide a function of the same name.
            #[cfg(target_family = "wasm")]
            const CALL: fn(::bluecrab::Request) -> ::bluecrab::Response =
                |request| ::bluecrab::Handler::call(&#ident, request);

            #[cfg(target_family = "wasm")]
            {
                #[used]
                #[unsafe(link_section = "bluecrab.functions.v1")]
                static MANIFEST: [u8; ::bluecrab::export::manifest_length(#before, FIELDS, #after)] =
                    ::bluecrab::export::manifest(#before, FIELDS, #after);

                #[unsafe(export_name = #export)]
                extern "C" fn export(
                    head: *mut u8,
                    head_length: usize,
                    body: *mut u8,
                    body_length: usize,
                ) -> *const u32 {
                    // SAFETY: by the ABI, the worker passes buffers that it got from `bluecrab_alloc`, and their
                    // lengths.
                    unsafe { ::bluecrab::export::run(head, head_length, body, body_length, CALL) }
                }

                #warm_up
            }
        };
    })
}

/// The example of a request, whose type is checked on every target, and the export that calls the function with it.
fn warm_up(attribute: &HttpAttribute, name: &str) -> (Option<TokenStream>, Option<TokenStream>) {
    let Some(path) = &attribute.warm_up else { return (None, None) };
    let export = warm_up_export(name);
    let example = quote_spanned! {path.span() =>
        #[cfg_attr(not(target_family = "wasm"), allow(dead_code))]
        const EXAMPLE: fn() -> ::bluecrab::Request = #path;
    };
    let warm_up = quote! {
        #[unsafe(export_name = #export)]
        extern "C" fn warm_up() {
            ::bluecrab::export::warm_up(CALL, EXAMPLE);
        }
    };
    (Some(example), Some(warm_up))
}

fn arguments(function: &ItemFn) -> Result<Vec<&Type>> {
    let signature = &function.sig;
    if let Some(token) = &signature.asyncness {
        let message = "remove `async`: a function only computes, and the Node.js runtime does the I/O";
        return Err(Error::new(token.span(), message));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new(
            signature.generics.span(),
            "a function cannot be generic: its argument types decide how a request is read",
        ));
    }
    if let Some(argument) = signature.inputs.iter().nth(MAX_ARGUMENTS) {
        let message =
            format!("a function can have at most {MAX_ARGUMENTS} arguments; combine some in one `Query` or `Path`");
        return Err(Error::new_spanned(argument, message));
    }
    signature.inputs.iter().map(type_of).collect()
}

fn type_of(argument: &FnArg) -> Result<&Type> {
    match argument {
        FnArg::Receiver(receiver) => Err(Error::new(receiver.span(), "a function cannot be a method: remove `self`")),
        FnArg::Typed(typed) => Ok(&*typed.ty),
    }
}

/// The parts of a request's head that the arguments read. Does not compile if an argument is not an extractor.
fn fields(arguments: &[&Type]) -> TokenStream {
    let fields = arguments.iter().enumerate().map(|(index, argument)| {
        if index + 1 == arguments.len() {
            quote_spanned!(argument.span() => .union(::bluecrab::export::last_argument_fields::<#argument, _>()))
        } else {
            quote_spanned!(argument.span() => .union(::bluecrab::export::argument_fields::<#argument>()))
        }
    });
    quote!(::bluecrab::RequestFields::NONE #(#fields)*)
}

/// Asserts that the return type can become a response. A type that contains `impl Trait` cannot be named, so it is
/// checked through the function.
fn response(ident: &Ident, output: &ReturnType) -> TokenStream {
    if mentions_impl(output.to_token_stream()) {
        return quote_spanned!(output.span() => ::bluecrab::export::assert_handler(&#ident));
    }
    let response = match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    quote_spanned!(response.span() => ::bluecrab::export::assert_into_response::<#response>())
}

fn mentions_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => mentions_impl(group.stream()),
        _ => false,
    })
}
