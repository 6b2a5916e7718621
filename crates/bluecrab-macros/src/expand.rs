//! Expands the attribute of a function: keeps the function, and for WebAssembly adds an export and a line of the
//! manifest.

use crate::attribute::{Attribute, FRESH};
use crate::binding::Trigger;
use crate::manifest::{self, Line, warm_up_export};
use crate::{ATTRIBUTES, docs, option, path};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use serde_json::json;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, LitStr, Result, ReturnType, Safety, Type};

/// `bluecrab::Handler` is implemented for functions with up to this number of arguments.
const MAX_ARGUMENTS: usize = 12;

pub fn function(trigger: &Trigger, attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut attribute = Attribute::parse(trigger, attribute)?;
    let function: ItemFn = syn::parse2(item).map_err(|error| {
        let kind = &trigger.kind;
        let message = format!("write `#[{}]` before a function, as in `#[{}] fn name() {{}}`", kind.name, kind.example);
        Error::new(error.span(), message)
    })?;
    check_only_one(trigger, &function)?;
    let arguments = arguments(&function)?;
    let ident = &function.sig.ident;
    let name = match &attribute.name {
        Some(name) => name.clone(),
        None => option::name(&LitStr::new(&ident.unraw().to_string().replace('_', "-"), ident.span()))?,
    };
    let properties = tool(trigger, &mut attribute, &function, &name, &arguments)?;
    attribute.check(trigger, Span::call_site())?;
    check_path(trigger, &attribute, &name, &arguments)?;
    // Two functions of a crate may have the same identifier, in different Rust modules, but not the same name.
    let export = format!("bluecrab_call_{name}");
    let Line { before, output, after } = manifest::line(&attribute, &name, &export);
    let has_retry = attribute.retry.is_some();
    let is_fresh = attribute.run.as_deref() == Some(FRESH);
    let kind = kind(trigger);
    let fields = fields(&arguments);
    let outputs = outputs(ident, &function.sig.output);
    let (example, warm_up) = warm_up(&attribute, &name);
    let schema = schema(&function, &name, &arguments);
    Ok(quote! {
        #function

        // The types are checked on every target, so that an editor and `cargo check` report wrong types as well. The
        // underscores keep these names from hiding names of the program.
        #[allow(dead_code, deprecated)]
        const _: () = {
            const __TRIGGER: ::bluecrab::export::Trigger = #kind;
            const __FIELDS: ::bluecrab::RequestFields = #fields;
            const __OUTPUTS: &::core::primitive::str = #outputs;
            const __PROPERTIES: &::core::primitive::str = #properties;
            const _: () = ::bluecrab::export::assert_names_differ(&__FIELDS, [#output, __OUTPUTS]);
            #example
            // Avoids a warning about an unused function on targets without the export.
            let _ = #ident;

            // Stands outside of the block, whose `export` would hide a function of the same name.
            #[cfg(target_family = "wasm")]
            const __CALL: fn(::bluecrab::Request) -> ::bluecrab::Response =
                |__request| ::bluecrab::Handler::call(&#ident, __request);

            #[cfg(target_family = "wasm")]
            {
                const __LINE: ::bluecrab::export::Line = ::bluecrab::export::Line {
                    before: #before,
                    properties: __PROPERTIES,
                    trigger: __TRIGGER,
                    fields: __FIELDS,
                    outputs: [#output, __OUTPUTS],
                    has_retry: #has_retry,
                    is_fresh: #is_fresh,
                    after: #after,
                };

                #[used]
                #[unsafe(link_section = "bluecrab.functions.v1")]
                static __MANIFEST: [u8; __LINE.length()] = __LINE.print();

                #[unsafe(export_name = #export)]
                extern "C" fn export(
                    head: *mut u8,
                    head_length: usize,
                    body: *mut u8,
                    body_length: usize,
                ) -> *const u32 {
                    // SAFETY: by the ABI, the worker passes buffers that it got from `bluecrab_alloc`, and their
                    // lengths.
                    unsafe {
                        ::bluecrab::export::run::<{ __LINE.is_plain() }>(
                            head, head_length, body, body_length, __TRIGGER, __CALL,
                        )
                    }
                }

                #warm_up

                #schema
            }
        };
    })
}

/// The export that describes the types of a function, for `bluecrab types` and `bluecrab openapi`. It has the type of a
/// function of the ABI. Its response is the description.
fn schema(function: &ItemFn, name: &str, arguments: &[&Type]) -> TokenStream {
    let export = format!("bluecrab_schema_{name}");
    let documentation = docs::text(&function.attrs).unwrap_or_default();
    let response = match &function.sig.output {
        ReturnType::Type(_, ty) if mentions_impl(ty.to_token_stream()) => {
            let ty = ty.to_token_stream().to_string();
            quote!(description.opaque(#ty))
        }
        ReturnType::Default => quote!((&::bluecrab::export::Probe::<()>::new()).response(&mut description)),
        ReturnType::Type(_, ty) => quote!((&::bluecrab::export::Probe::<#ty>::new()).response(&mut description)),
    };
    quote! {
        ::bluecrab::__if_schemas! {
            #[unsafe(export_name = #export)]
            extern "C" fn schema(
                head: *mut u8,
                head_length: usize,
                body: *mut u8,
                body_length: usize,
            ) -> *const u32 {
                const __DESCRIBE: fn(::bluecrab::Request) -> ::bluecrab::Response = |_| {
                    #[allow(unused_imports)]
                    use ::bluecrab::export::{
                        KnownArgument as _, KnownResponse as _, UnknownArgument as _, UnknownResponse as _,
                    };
                    let mut description = ::bluecrab::export::Description::new(#documentation);
                    #((&::bluecrab::export::Probe::<#arguments>::new()).argument(&mut description);)*
                    #response;
                    description.into_response()
                };
                // SAFETY: by the ABI, the caller passes buffers that it got from `bluecrab_alloc`, and their lengths.
                unsafe {
                    ::bluecrab::export::run::<true>(head, head_length, body, body_length, __TRIGGER, __DESCRIBE)
                }
            }
        }
    }
}

fn kind(trigger: &Trigger) -> TokenStream {
    let kind = match trigger.kind.name {
        "http" => quote!(HTTP),
        "callable" => quote!(CALLABLE),
        _ if trigger.has_batches => quote!(BATCHED),
        _ => quote!(SINGLE),
    };
    quote!(::bluecrab::export::Trigger::#kind)
}

/// For an MCP tool: sets the members that the function itself names, and returns the properties of its arguments.
fn tool(
    trigger: &Trigger,
    attribute: &mut Attribute,
    function: &ItemFn,
    name: &str,
    arguments: &[&Type],
) -> Result<TokenStream> {
    if trigger.kind.name != "mcp_tool" {
        return Ok(quote!(""));
    }
    attribute.trigger.entry("toolName").or_insert_with(|| json!(name));
    if let Some(text) = docs::text(&function.attrs) {
        attribute.trigger.entry("description").or_insert_with(|| json!(text));
    }
    if !attribute.trigger.contains_key("description") {
        let message = "write a documentation comment: agents read it to learn what the tool does";
        return Err(Error::new(function.sig.ident.span(), message));
    }
    // The macro does not know the argument's type, so the compiler fills in the properties.
    let properties = arguments
        .last()
        .copied()
        .and_then(json)
        .map(|ty| quote_spanned!(ty.span() => ::bluecrab::export::tool_properties::<#ty>()));
    Ok(properties.unwrap_or_else(|| quote!("[]")))
}

/// The `T` of an argument that is written as `Json<T>`, or as an `Option` or `Result` of it.
fn json(argument: &Type) -> Option<&Type> {
    let within = |name| path::parameter(path::generic(argument, name)?);
    within("Json").or_else(|| json(within("Option").or_else(|| within("Result"))?))
}

fn check_path(trigger: &Trigger, attribute: &Attribute, name: &str, arguments: &[&Type]) -> Result<()> {
    if let Some(member) = trigger.path {
        let template = attribute.trigger.get(member).and_then(|template| template.as_str()).unwrap_or(name);
        return path::check(member, template, name, arguments);
    }
    match arguments.iter().find(|argument| path::generic(argument, "Path").is_some()) {
        Some(argument) => {
            let message = format!(
                "`Path` reads the parameters of a route or of a blob's path, which `{}` does not have",
                trigger.kind.name
            );
            Err(Error::new_spanned(argument, message))
        }
        None => Ok(()),
    }
}

/// The example of a request, whose type is checked on every target, and the export that calls the function with it.
fn warm_up(attribute: &Attribute, name: &str) -> (Option<TokenStream>, Option<TokenStream>) {
    let Some(path) = &attribute.warm_up else { return (None, None) };
    let export = warm_up_export(name);
    let example = quote_spanned! {path.span() =>
        const __EXAMPLE: fn() -> ::bluecrab::Request = #path;
    };
    let warm_up = quote! {
        #[unsafe(export_name = #export)]
        extern "C" fn warm_up() {
            ::bluecrab::export::warm_up::<{ __LINE.is_plain() }>(__TRIGGER, __CALL, __EXAMPLE);
        }
    };
    (Some(example), Some(warm_up))
}

/// Two attributes would make two functions with the same name.
fn check_only_one(trigger: &Trigger, function: &ItemFn) -> Result<()> {
    let is_ours = |attribute: &&syn::Attribute| {
        let path = attribute.path();
        let is_of_bluecrab = path.segments.len() == 1 || path.segments[0].ident == "bluecrab";
        let name = path.segments.last().map(|segment| segment.ident.to_string());
        is_of_bluecrab && name.is_some_and(|name| ATTRIBUTES.contains(&name.as_str()))
    };
    let Some(other) = function.attrs.iter().find(is_ours) else { return Ok(()) };
    let message = format!(
        "the function already has `#[{}]`: give each trigger a function of its own, and let both call a third",
        trigger.kind.name
    );
    Err(Error::new_spanned(other, message))
}

fn arguments(function: &ItemFn) -> Result<Vec<&Type>> {
    let signature = &function.sig;
    if let Some(token) = &signature.asyncness {
        let message = "remove `async`: a function only computes, and the Node.js runtime does the I/O";
        return Err(Error::new(token.span(), message));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        let message = "remove `unsafe`: anyone may send a request, so the function must be safe for every request";
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
        FnArg::Typed(typed) => match typed.attrs.iter().find(|attribute| attribute.path().is_ident("cfg")) {
            Some(attribute) => {
                let message = "write `#[cfg(…)]` before the function, and a function for each case";
                Err(Error::new_spanned(attribute, message))
            }
            None => Ok(&*typed.ty),
        },
    }
}

/// The parts of a request that the arguments read. Does not compile if an argument is not an extractor, or reads what
/// the trigger does not bring.
fn fields(arguments: &[&Type]) -> TokenStream {
    let fields = arguments.iter().enumerate().map(|(index, argument)| {
        if index + 1 == arguments.len() {
            quote_spanned!(argument.span() => .union(::bluecrab::export::last_argument_fields::<#argument, _>(__TRIGGER)))
        } else {
            quote_spanned!(argument.span() => .union(::bluecrab::export::argument_fields::<#argument>(__TRIGGER)))
        }
    });
    quote!(::bluecrab::RequestFields::NONE #(#fields)*)
}

/// The outputs of the return type. Does not compile if it cannot become a response. A type that contains `impl Trait`
/// cannot be named, so it is checked through the function.
fn outputs(ident: &Ident, output: &ReturnType) -> TokenStream {
    if mentions_impl(output.to_token_stream()) {
        return quote_spanned!(output.span() => ::bluecrab::export::handler_outputs(&#ident));
    }
    let response = match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    quote_spanned!(response.span() => ::bluecrab::export::response_outputs::<#response>())
}

fn mentions_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => mentions_impl(group.stream()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_arguments_of_a_tool() {
        let found = |ty: &str| json(&syn::parse_str(ty).unwrap()).map(|ty| ty.to_token_stream().to_string());
        for ty in ["Json<A>", "bluecrab::Json<A>", "Option<Json<A>>", "Result<Json<A>, Problem>"] {
            assert_eq!(found(ty).as_deref(), Some("A"), "{ty}");
        }
        assert_eq!([found("Vec<Json<A>>"), found("Bytes")], [None, None]);
    }
}
