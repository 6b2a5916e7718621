//! The macros of the crate `bluecrab`, which exports them again. Depend on that crate instead.

mod attribute;
mod binding;
mod bindings;
mod docs;
mod expand;
mod kind;
mod manifest;
mod option;
mod path;
mod quantity;
mod tool;

use proc_macro::TokenStream;

/// The attributes of functions, each with its kind of trigger.
macro_rules! triggers {
    ($($attribute:ident $trigger:ident)*) => {
        const ATTRIBUTES: &[&str] = &[$(stringify!($attribute)),*];

        $(
        #[doc = concat!("Declares a function. See the documentation of `bluecrab::", stringify!($attribute), "`.")]
        #[proc_macro_attribute]
        pub fn $attribute(attribute: TokenStream, item: TokenStream) -> TokenStream {
            let function = item.clone();
            expand::function(&binding::$trigger, attribute.into(), item.into()).map_or_else(
                // Keep the function, so that the compiler does not report errors for its callers as well.
                |error| [error.into_compile_error().into(), function].into_iter().collect(),
                TokenStream::from,
            )
        }
        )*
    };
}

triggers! {
    http HTTP
    timer TIMER
    queue QUEUE
    blob BLOB
    service_bus SERVICE_BUS
    event_hub EVENT_HUB
    event_grid EVENT_GRID
    cosmos_db COSMOS_DB
    mcp_tool MCP_TOOL
    callable CALLABLE
    trigger ANY
}

/// Makes a struct an argument that reads input bindings. See the documentation of `bluecrab::Inputs`.
#[proc_macro_derive(Inputs, attributes(blob, table, cosmos_db, binding))]
pub fn inputs(item: TokenStream) -> TokenStream {
    bindings::inputs(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct a return value that writes output bindings. See the documentation of `bluecrab::Outputs`.
#[proc_macro_derive(
    Outputs,
    attributes(response, blob, queue, table, service_bus, event_hub, event_grid, cosmos_db, binding)
)]
pub fn outputs(item: TokenStream) -> TokenStream {
    bindings::outputs(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Describes the arguments of an MCP tool. See the documentation of `bluecrab::ToolArguments`.
#[proc_macro_derive(ToolArguments)]
pub fn tool_arguments(item: TokenStream) -> TokenStream {
    tool::arguments(item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
