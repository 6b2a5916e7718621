//! Expands `#[derive(Inputs)]` and `#[derive(Outputs)]`: a struct whose fields are bindings.

use crate::binding;
use crate::kind::{Kind, camel_case};
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use serde_json::{Value, json};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Field, Fields, GenericParam, Generics, Ident, Meta, Result, Type};

/// A field with its binding.
struct Binding<'a> {
    field: &'a Ident,
    ty: &'a Type,
    kind: &'static Kind,
    /// The name of the binding.
    name: String,
    /// The binding in the words of the v4 model.
    json: Value,
}

pub fn inputs(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let bindings: Vec<Binding<'_>> =
        fields(&input, "Inputs")?.map(|field| binding(field, &binding::INPUTS, "input")).collect::<Result<_>>()?;
    let json = json(&bindings);
    let fields = bindings.iter().map(|Binding { field, ty, name, .. }| {
        quote_spanned!(ty.span() => #field: <#ty as ::bluecrab::FromInput>::from_input(head.input(#name), #name)?)
    });
    let ident = &input.ident;
    let (before, generics, conditions) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #before ::bluecrab::FromRequestParts for #ident #generics #conditions {
            const FIELDS: ::bluecrab::RequestFields = ::bluecrab::RequestFields::inputs(#json);

            fn from_request_parts(
                head: &mut ::bluecrab::RequestHead,
            ) -> ::core::result::Result<Self, ::bluecrab::Problem> {
                ::core::result::Result::Ok(Self { #(#fields),* })
            }
        }
    })
}

pub fn outputs(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let (mut response, mut bindings) = (None, Vec::new());
    for field in fields(&input, "Outputs")? {
        match field.attrs.iter().find(|attribute| attribute.path().is_ident("response")) {
            Some(attribute) if response.is_some() => {
                return Err(Error::new_spanned(attribute, "only one field can be the response"));
            }
            Some(_) => response = Some(field),
            None => bindings.push(binding(field, &binding::OUTPUTS, "output")?),
        }
    }
    let json = json(&bindings);
    let describe = describe(&input, response);
    let response = match response {
        Some(Field { ident, ty, .. }) => {
            quote_spanned!(ty.span() => <#ty as ::bluecrab::IntoResponse>::into_response(self.#ident))
        }
        None => quote!(::bluecrab::IntoResponse::into_response(())),
    };
    let added = bindings.iter().map(|Binding { field, ty, name, .. }| {
        quote_spanned!(ty.span() => <#ty as ::bluecrab::IntoOutput>::into_output(self.#field, #name, outputs)?;)
    });
    let single = bindings
        .iter()
        .filter(|binding| binding.kind.name == "blob")
        .map(|Binding { ty, .. }| quote_spanned!(ty.span() => ::bluecrab::export::assert_single::<#ty>()));
    let ident = &input.ident;
    let (before, generics, conditions) = input.generics.split_for_impl();
    // A constant outside of the implementation cannot name its generic types.
    let single = input.generics.params.is_empty().then(|| quote!(const _: () = { #(#single;)* };));
    Ok(quote! {
        #single

        #describe

        #[automatically_derived]
        impl #before ::bluecrab::IntoResponse for #ident #generics #conditions {
            const OUTPUTS: &'static ::core::primitive::str = #json;

            fn into_response(self) -> ::bluecrab::Response {
                ::bluecrab::export::add_outputs(#response, |outputs| {
                    #(#added)*
                    ::core::result::Result::Ok(())
                })
            }
        }
    })
}

/// The description of the response, for `bluecrab types` and `bluecrab openapi`. If the response's type is generic, only
/// the types that a function returns tell whether it has a schema, so the implementation has that as its condition.
fn describe(input: &DeriveInput, response: Option<&Field>) -> TokenStream {
    let ident = &input.ident;
    let ty = response.map_or_else(|| quote!(()), |field| field.ty.to_token_stream());
    let (before, generics, conditions) = input.generics.split_for_impl();
    let (conditions, describe) = if names_one_of(&input.generics, ty.clone()) {
        let others = conditions.iter().flat_map(|conditions| &conditions.predicates);
        let conditions = quote!(where #(#others,)* #ty: ::bluecrab::export::DescribeResponse);
        (conditions, quote!(<#ty as ::bluecrab::export::DescribeResponse>::describe(description);))
    } else {
        let describe = quote! {
            #[allow(unused_imports)]
            use ::bluecrab::export::{KnownResponse as _, UnknownResponse as _};
            (&::bluecrab::export::Probe::<#ty>::new()).response(description);
        };
        (conditions.to_token_stream(), describe)
    };
    quote! {
        ::bluecrab::__if_schemas! {
            #[automatically_derived]
            impl #before ::bluecrab::export::DescribeResponse for #ident #generics #conditions {
                fn describe(description: &mut ::bluecrab::export::Description) {
                    #describe
                }
            }
        }
    }
}

/// Returns whether a type names one of these parameters.
fn names_one_of(generics: &Generics, ty: TokenStream) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Group(group) => names_one_of(generics, group.stream()),
        TokenTree::Ident(name) => generics.params.iter().any(|parameter| match parameter {
            GenericParam::Type(parameter) => parameter.ident == name,
            GenericParam::Const(parameter) => parameter.ident == name,
            GenericParam::Lifetime(parameter) => parameter.lifetime.ident == name,
        }),
        _ => false,
    })
}

fn fields<'a>(input: &'a DeriveInput, derive: &str) -> Result<impl Iterator<Item = &'a Field>> {
    match &input.data {
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => Ok(data.fields.iter()),
        _ => {
            let message =
                format!("`{derive}` needs a struct with named fields: a field's name becomes its binding's name");
            Err(Error::new(input.ident.span(), message))
        }
    }
}

fn binding<'a>(field: &'a Field, kinds: &'static [Kind], what: &str) -> Result<Binding<'a>> {
    let bindings = |attribute: &&'a Attribute| attribute.path().get_ident().and_then(|name| binding::find(kinds, name));
    let mut found = field.attrs.iter().filter_map(|attribute| Some((attribute, bindings(&attribute)?)));
    let Some((attribute, kind)) = found.next() else {
        let message = format!("write one of the {what}s before this field: {}", binding::names(kinds));
        return Err(Error::new(field.span(), message));
    };
    if let Some((second, _)) = found.next() {
        return Err(Error::new_spanned(second, format!("a field is only one {what}")));
    }
    let tokens = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let parse = |input: ParseStream<'_>| kind.parse(input, &[], &mut |_, _| Ok(false));
    let mut members = parse.parse2(tokens)?;
    kind.check(&members, attribute.span())?;
    let Some(ident) = &field.ident else { return Err(Error::new(field.span(), "the field has no name")) };
    let name = camel_case(&ident.unraw().to_string());
    members.insert("name".to_owned(), json!(name));
    Ok(Binding { field: ident, ty: &field.ty, kind, name, json: Value::Object(members) })
}

/// The bindings as the entries of a JSON list.
fn json(bindings: &[Binding<'_>]) -> String {
    let entries: Vec<String> = bindings.iter().map(|binding| binding.json.to_string()).collect();
    entries.join(",")
}
