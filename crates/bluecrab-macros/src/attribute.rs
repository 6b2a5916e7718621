//! Parses the options inside `#[http(...)]`.

use crate::quantity::{duration, size};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitStr, Path, Result, Token, bracketed, token};

const METHODS: [&str; 7] = ["GET", "POST", "DELETE", "HEAD", "PATCH", "PUT", "OPTIONS"];
const AUTH_LEVELS: [&str; 3] = ["anonymous", "function", "admin"];
const RUNS: [&str; 2] = ["auto", "pool"];
const OPTIONS: &str = "methods, name, route, auth, env, timeout, max_body, max_memory, run, warm_up";

/// The options of an HTTP function. An option that is not set has the default of the manifest.
#[derive(Default)]
pub struct HttpAttribute {
    pub methods: Vec<String>,
    pub name: Option<String>,
    pub route: Option<String>,
    pub auth: Option<String>,
    pub env: Vec<String>,
    pub timeout_ms: Option<u64>,
    pub max_body: Option<u64>,
    pub max_memory: Option<u64>,
    pub run: Option<String>,
    /// A function that makes an example of a request.
    pub warm_up: Option<Path>,
}

impl Parse for HttpAttribute {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut attribute = Self::default();
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let option: Ident = input.parse()?;
            if seen.contains(&option) {
                return Err(Error::new(option.span(), format!("`{option}` is given twice")));
            }
            input.parse::<Token![=]>()?;
            match option.to_string().as_str() {
                "methods" => attribute.methods = methods(input)?,
                "name" => attribute.name = Some(name(&input.parse()?)?),
                "route" => attribute.route = Some(route(&input.parse()?)?),
                "auth" => attribute.auth = Some(one_of(&input.parse()?, &AUTH_LEVELS, "authorization level")?),
                "env" => attribute.env = strings(input)?.iter().map(variable).collect::<Result<_>>()?,
                "timeout" => attribute.timeout_ms = Some(duration(input)?),
                "max_body" => attribute.max_body = Some(size(input)?),
                "max_memory" => attribute.max_memory = Some(size(input)?),
                "run" => attribute.run = Some(one_of(&input.parse()?, &RUNS, "run mode")?),
                "warm_up" => attribute.warm_up = Some(input.parse()?),
                _ => {
                    return Err(Error::new(
                        option.span(),
                        format!("unknown option `{option}`; the options are {OPTIONS}"),
                    ));
                }
            }
            seen.push(option);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(attribute)
    }
}

fn strings(input: ParseStream<'_>) -> Result<Vec<LitStr>> {
    if !input.peek(token::Bracket) {
        return Err(input.error("expected a list, such as `[\"…\", …]`"));
    }
    let content;
    bracketed!(content in input);
    Ok(Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

fn methods(input: ParseStream<'_>) -> Result<Vec<String>> {
    let place = input.span();
    let literals = strings(input)?;
    if literals.is_empty() {
        return Err(Error::new(
            place,
            "a function must answer at least one method; remove `methods` to answer GET and POST",
        ));
    }
    let mut methods = Vec::new();
    for literal in &literals {
        let method = one_of(literal, &METHODS, "HTTP method")?;
        if methods.contains(&method) {
            return Err(Error::new(literal.span(), format!("`{method}` is given twice")));
        }
        methods.push(method);
    }
    Ok(methods)
}

fn one_of(literal: &LitStr, known: &[&str], what: &str) -> Result<String> {
    let value = literal.value();
    if known.contains(&value.as_str()) {
        return Ok(value);
    }
    Err(Error::new(literal.span(), format!("unknown {what} `{value}`; expected one of {}", known.join(", "))))
}

fn variable(literal: &LitStr) -> Result<String> {
    let name = literal.value();
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(Error::new(literal.span(), format!("{name:?} cannot be the name of an environment variable")));
    }
    Ok(name)
}

/// Reads the name of a function, by the rules of Azure Functions.
pub fn name(literal: &LitStr) -> Result<String> {
    let name = literal.value();
    let mut characters = name.chars();
    let valid = characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
        && name.len() <= 127;
    if valid {
        return Ok(name);
    }
    let message = format!(
        "`{name}` cannot be the name of a function: use a letter, then letters, digits, `-` and `_`, at most 127 in all"
    );
    Err(Error::new(literal.span(), message))
}

fn route(literal: &LitStr) -> Result<String> {
    let route = literal.value();
    if route.starts_with('/') {
        return Err(Error::new(
            literal.span(),
            "remove the leading slash: the route follows the app's route prefix, such as `/api/`",
        ));
    }
    let (open, close) = (route.matches('{').count(), route.matches('}').count());
    if open != close {
        return Err(Error::new(
            literal.span(),
            "the route has an opening brace without a closing brace, or the reverse",
        ));
    }
    Ok(route)
}
