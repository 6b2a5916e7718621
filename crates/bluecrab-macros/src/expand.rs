//! What a function becomes: itself, and for WebAssembly its export and its line of the manifest.

use crate::attribute::{self, HttpAttribute};
use crate::manifest::manifest;
use crate::path;
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, LitStr, Result, ReturnType, Type};

/// As many as `bluecrab::Handler` has.
const MAX_ARGUMENTS: usize = 12;

pub fn http(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let attribute: HttpAttribute = syn::parse2(attribute)?;
    let function: ItemFn = syn::parse2(item)
        .map_err(|error| Error::new(error.span(), "`#[http]` stands before a function: `#[http] fn name() {}`"))?;
    let arguments = arguments(&function)?;
    let ident = &function.sig.ident;
    let name = match &attribute.name {
        Some(name) => name.clone(),
        None => attribute::name(&LitStr::new(&ident.unraw().to_string().replace('_', "-"), ident.span()))?,
    };
    path::check(attribute.route.as_deref(), &name, &arguments)?;
    // The name and not the identifier: only the name is unique among the modules of a crate.
    let export = format!("bluecrab_call_{name}");
    let (before, after) = manifest(&attribute, &name, &export);
    let head = head(&arguments);
    let response = response(ident, &function.sig.output);
    Ok(quote! {
        #function

        const _: () = {
            // Both hold on every target, so that misuse shows where the function stands.
            #[cfg_attr(not(target_family = "wasm"), allow(dead_code))]
            const HEAD: ::bluecrab::HeadFields = #head;
            const _: () = #response;
            // Without WebAssembly nobody else may use it.
            const _: () = {
                let _ = #ident;
            };

            #[cfg(target_family = "wasm")]
            const _: () = {
                #[used]
                #[unsafe(link_section = "bluecrab.functions.v1")]
                static MANIFEST: [u8; ::bluecrab::export::manifest_length(#before, HEAD, #after)] =
                    ::bluecrab::export::manifest(#before, HEAD, #after);

                fn call(request: ::bluecrab::Request) -> ::bluecrab::Response {
                    ::bluecrab::Handler::call(&#ident, request)
                }

                #[unsafe(export_name = #export)]
                extern "C" fn export(
                    head: *mut u8,
                    head_length: usize,
                    body: *mut u8,
                    body_length: usize,
                ) -> *const u32 {
                    // SAFETY: the ABI hands over buffers of `bluecrab_alloc` with their lengths.
                    unsafe { ::bluecrab::export::run(head, head_length, body, body_length, call) }
                }
            };
        };
    })
}

fn arguments(function: &ItemFn) -> Result<Vec<&Type>> {
    let signature = &function.sig;
    if let Some(token) = &signature.asyncness {
        let message = "a function is synchronous: it computes, the Node.js runtime does the I/O";
        return Err(Error::new(token.span(), message));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new(signature.generics.span(), "a function has no generics: its types are its contract"));
    }
    if let Some(argument) = signature.inputs.iter().nth(MAX_ARGUMENTS) {
        let message =
            format!("a function takes at most {MAX_ARGUMENTS} arguments: put some into one `Query` or `Path`");
        return Err(Error::new_spanned(argument, message));
    }
    signature.inputs.iter().map(type_of).collect()
}

fn type_of(argument: &FnArg) -> Result<&Type> {
    match argument {
        FnArg::Receiver(receiver) => Err(Error::new(receiver.span(), "a function is free: it takes no `self`")),
        FnArg::Typed(typed) => Ok(&*typed.ty),
    }
}

/// What the request's head must carry for the arguments, each of which must be an extractor.
fn head(arguments: &[&Type]) -> TokenStream {
    let fields = arguments.iter().enumerate().map(|(index, argument)| {
        if index + 1 == arguments.len() {
            quote_spanned!(argument.span() => .union(::bluecrab::export::takes_request::<#argument, _>()))
        } else {
            quote_spanned!(argument.span() => .union(::bluecrab::export::takes_head::<#argument>()))
        }
    });
    quote!(::bluecrab::HeadFields::NONE #(#fields)*)
}

/// A check of the return type. An `impl Trait` cannot be named: it is checked through the function.
fn response(ident: &Ident, output: &ReturnType) -> TokenStream {
    if mentions_impl(output.to_token_stream()) {
        return quote_spanned!(output.span() => ::bluecrab::export::answers(&#ident));
    }
    let response = match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    quote_spanned!(response.span() => ::bluecrab::export::gives_response::<#response>())
}

fn mentions_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => mentions_impl(group.stream()),
        _ => false,
    })
}
