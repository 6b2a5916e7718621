//! Expands `#[derive(ToolArguments)]`: describes the fields of a struct to the clients of an MCP tool.

use crate::docs;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use serde_json::json;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Field, Fields, Ident, LitStr, Result};

pub fn arguments(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let Data::Struct(data) = &input.data else { return Err(not_named(&input.ident)) };
    let Fields::Named(fields) = &data.fields else { return Err(not_named(&input.ident)) };
    let all = Serde::of(&input.attrs)?;
    let mut parts = vec![quote!("[")];
    for (index, field) in fields.named.iter().enumerate() {
        parts.extend((index > 0).then(|| quote!(",")));
        parts.extend(property(field, &all)?);
    }
    parts.push(quote!("]"));
    if !input.generics.params.is_empty() {
        let message = "`ToolArguments` needs a struct without generics: clients read the types of its fields";
        return Err(Error::new_spanned(&input.generics, message));
    }
    let ident = &input.ident;
    Ok(quote! {
        #[automatically_derived]
        impl ::bluecrab::ToolArguments for #ident {
            const PROPERTIES: &'static ::core::primitive::str = {
                const PARTS: &[&::core::primitive::str] = &[#(#parts),*];
                const BYTES: [u8; ::bluecrab::export::length(PARTS)] = ::bluecrab::export::concat(PARTS);
                ::bluecrab::export::text(&BYTES)
            };
        }
    })
}

fn not_named(ident: &Ident) -> Error {
    Error::new(ident.span(), "`ToolArguments` needs a struct with named fields: each field is an argument of the tool")
}

/// The parts of a property's JSON. The compiler knows the type of the field.
fn property(field: &Field, all: &Serde) -> Result<Vec<TokenStream>> {
    let own = Serde::of(&field.attrs)?;
    let ident = field.ident.as_ref().map(|ident| ident.unraw().to_string()).unwrap_or_default();
    let name = match (&own.rename, &all.rename_all) {
        (Some(name), _) => name.value(),
        (None, Some(rule)) => renamed(&ident, rule)?,
        (None, None) => ident,
    };
    let description = docs::text(&field.attrs).unwrap_or_default();
    let ty = &field.ty;
    let start =
        format!("{{\"propertyName\":{},\"description\":{},\"propertyType\":\"", json!(name), json!(description));
    let is_optional = own.has_default || all.has_default;
    let required = if is_optional {
        quote!("false")
    } else {
        quote_spanned!(ty.span() => <#ty as ::bluecrab::ToolArgument>::IS_REQUIRED)
    };
    Ok(vec![
        quote!(#start),
        quote_spanned!(ty.span() => <#ty as ::bluecrab::ToolArgument>::TYPE),
        quote!("\",\"isArray\":"),
        quote_spanned!(ty.span() => <#ty as ::bluecrab::ToolArgument>::IS_ARRAY),
        quote!(",\"isRequired\":"),
        required,
        quote!("}"),
    ])
}

/// What serde's attributes say about names and defaults.
#[derive(Default)]
struct Serde {
    rename: Option<LitStr>,
    rename_all: Option<LitStr>,
    has_default: bool,
}

impl Serde {
    fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut serde = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rename") {
                    serde.rename = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("rename_all") {
                    serde.rename_all = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("default") {
                    serde.has_default = true;
                    if meta.input.peek(syn::Token![=]) {
                        meta.value()?.parse::<LitStr>()?;
                    }
                } else if meta.path.is_ident("deny_unknown_fields") {
                } else {
                    return Err(meta.error(
                        "`ToolArguments` knows only `rename`, `rename_all`, `default` and `deny_unknown_fields` of serde",
                    ));
                }
                Ok(())
            })?;
        }
        Ok(serde)
    }
}

/// The name of a field by a rule of serde's `rename_all` (serde_derive, `case.rs`). Only letters of ASCII change.
fn renamed(name: &str, rule: &LitStr) -> Result<String> {
    Ok(match rule.value().as_str() {
        "lowercase" | "snake_case" => name.to_owned(),
        "UPPERCASE" | "SCREAMING_SNAKE_CASE" => name.to_ascii_uppercase(),
        "camelCase" => with_initial(&pascal_case(name), char::to_ascii_lowercase),
        "PascalCase" => pascal_case(name),
        "kebab-case" => name.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => name.to_ascii_uppercase().replace('_', "-"),
        _ => return Err(Error::new(rule.span(), "serde has no such rule")),
    })
}

fn pascal_case(name: &str) -> String {
    name.split('_').map(|word| with_initial(word, char::to_ascii_uppercase)).collect()
}

fn with_initial(word: &str, change: fn(&char) -> char) -> String {
    let mut characters = word.chars();
    characters.next().iter().map(change).chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    #[test]
    fn fields_are_renamed_as_serde_does() {
        let names = |name: &str| {
            ["snake_case", "SCREAMING_SNAKE_CASE", "camelCase", "PascalCase", "kebab-case"]
                .map(|rule| renamed(name, &LitStr::new(rule, Span::call_site())).unwrap())
        };
        assert_eq!(names("max_items"), ["max_items", "MAX_ITEMS", "maxItems", "MaxItems", "max-items"]);
        assert_eq!(names("_größe_ü"), ["_größe_ü", "_GRößE_ü", "größeü", "Größeü", "-größe-ü"]);
        assert_eq!(names("Id_x"), ["Id_x", "ID_X", "idX", "IdX", "Id-x"]);
    }
}
