//! Parses the values of options, such as the methods of `#[http]` and the schedule of `#[timer]`.

use crate::quantity::duration;
use serde_json::{Value, json};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, Lit, LitBool, LitInt, LitStr, Result, Token, bracketed, parenthesized, token};

const METHODS: [&str; 7] = ["GET", "POST", "DELETE", "HEAD", "PATCH", "PUT", "OPTIONS"];
const AUTH_LEVELS: [&str; 3] = ["anonymous", "function", "admin"];
const SOURCES: [&str; 2] = ["LogsAndContainerScan", "EventGrid"];

/// Reads the value of an option as a value of the manifest.
pub type Read = fn(ParseStream<'_>) -> Result<Value>;

pub fn text(input: ParseStream<'_>) -> Result<Value> {
    Ok(json!(input.parse::<LitStr>()?.value()))
}

pub fn flag(input: ParseStream<'_>) -> Result<Value> {
    Ok(json!(input.parse::<LitBool>()?.value))
}

pub fn number(input: ParseStream<'_>) -> Result<Value> {
    Ok(json!(input.parse::<LitInt>()?.base10_parse::<u32>()?))
}

/// Reads the value of an option that the macro does not know: a text, a number, a boolean, or a list of them.
pub fn any(input: ParseStream<'_>) -> Result<Value> {
    if input.peek(token::Bracket) {
        let content;
        bracketed!(content in input);
        let values = Punctuated::<AnyValue, Token![,]>::parse_terminated(&content)?;
        return Ok(values.into_iter().map(|value| value.0).collect());
    }
    let sign = input.parse::<Option<Token![-]>>()?;
    let literal: Lit = input.parse()?;
    match &literal {
        Lit::Str(text) if sign.is_none() => Ok(json!(text.value())),
        Lit::Bool(flag) if sign.is_none() => Ok(json!(flag.value)),
        Lit::Int(number) => {
            number.base10_parse::<i64>().map(|number| json!(if sign.is_some() { -number } else { number }))
        }
        Lit::Float(number) => {
            number.base10_parse::<f64>().map(|number| json!(if sign.is_some() { -number } else { number }))
        }
        other => Err(Error::new(other.span(), "write a text, a number, a boolean, or a list of them")),
    }
}

struct AnyValue(Value);

impl Parse for AnyValue {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        any(input).map(Self)
    }
}

pub fn strings(input: ParseStream<'_>) -> Result<Vec<LitStr>> {
    if !input.peek(token::Bracket) {
        return Err(input.error("expected a list, such as `[\"…\", …]`"));
    }
    let content;
    bracketed!(content in input);
    Ok(Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

pub fn methods(input: ParseStream<'_>) -> Result<Value> {
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
    Ok(json!(methods))
}

pub fn auth(input: ParseStream<'_>) -> Result<Value> {
    one_of(&input.parse()?, &AUTH_LEVELS, "authorization level").map(Value::from)
}

pub fn source(input: ParseStream<'_>) -> Result<Value> {
    one_of(&input.parse()?, &SOURCES, "source").map(Value::from)
}

pub fn one_of(literal: &LitStr, known: &[&str], what: &str) -> Result<String> {
    let value = literal.value();
    if known.contains(&value.as_str()) {
        return Ok(value);
    }
    Err(Error::new(literal.span(), format!("unknown {what} `{value}`; expected one of {}", known.join(", "))))
}

pub fn variable(literal: &LitStr) -> Result<String> {
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

pub fn route(input: ParseStream<'_>) -> Result<Value> {
    let literal: LitStr = input.parse()?;
    let route = literal.value();
    if route.starts_with('/') {
        return Err(Error::new(
            literal.span(),
            "remove the leading slash: the route follows the app's route prefix, such as `/api/`",
        ));
    }
    check_braces(&literal, "route")?;
    Ok(json!(route))
}

/// Reads the path of a blob: a container, and for a single blob a slash and its name.
pub fn blob_path(input: ParseStream<'_>) -> Result<Value> {
    let literal: LitStr = input.parse()?;
    let path = literal.value();
    if path.is_empty() || path.starts_with('/') {
        let message = "a path starts with the container, as in `\"pictures/{name}\"`";
        return Err(Error::new(literal.span(), message));
    }
    check_braces(&literal, "path")?;
    Ok(json!(path))
}

fn check_braces(literal: &LitStr, what: &str) -> Result<()> {
    let text = literal.value();
    if text.matches('{').count() == text.matches('}').count() {
        return Ok(());
    }
    let message = format!("the {what} has an opening brace without a closing brace, or the reverse");
    Err(Error::new(literal.span(), message))
}

/// Reads the name of a queue. A name with a setting or an expression is known only later.
pub fn queue_name(input: ParseStream<'_>) -> Result<Value> {
    let literal: LitStr = input.parse()?;
    let name = literal.value();
    let valid = (3..=63).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    if valid || name.contains(['%', '{']) {
        return Ok(json!(name));
    }
    let message = format!(
        "`{name}` cannot be the name of a queue: use 3 to 63 lower case letters, digits and single dashes between them"
    );
    Err(Error::new(literal.span(), message))
}

/// Reads a schedule. Its fields are checked by the host.
pub fn schedule(input: ParseStream<'_>) -> Result<Value> {
    let literal: LitStr = input.parse()?;
    let schedule = literal.value();
    let fields = schedule.split_whitespace().count();
    if matches!(fields, 5 | 6) || (fields == 1 && schedule.contains([':', '%'])) {
        return Ok(json!(schedule));
    }
    let message = "write a schedule as five or six fields, as a time span or as a setting: `\"0 */5 * * * *\"` (second, \
                   minute, hour, day, month, weekday), `\"00:05:00\"` or `\"%SCHEDULE%\"`";
    Err(Error::new(literal.span(), message))
}

/// Reads `fixed_delay(5, "1s")` or `exponential_backoff(5, "1s", "1m")`.
pub fn retry(input: ParseStream<'_>) -> Result<Value> {
    let strategy: Ident = input.parse()?;
    let content;
    parenthesized!(content in input);
    let attempts = attempts(&content)?;
    let delay = || content.parse::<Token![,]>().and_then(|_| duration(&content));
    let policy = if strategy == "fixed_delay" {
        json!({ "strategy": "fixedDelay", "maxRetryCount": attempts, "delayMs": delay()? })
    } else if strategy == "exponential_backoff" {
        let (minimum, maximum) = (delay()?, delay()?);
        if minimum > maximum {
            return Err(Error::new(strategy.span(), "the shortest delay comes before the longest"));
        }
        json!({ "strategy": "exponentialBackoff", "maxRetryCount": attempts, "minimumMs": minimum, "maximumMs": maximum })
    } else {
        let message = "write a retry policy as `fixed_delay(5, \"1s\")` or `exponential_backoff(5, \"1s\", \"1m\")`";
        return Err(Error::new(strategy.span(), message));
    };
    if content.is_empty() { Ok(policy) } else { Err(content.error("a retry policy has no more values")) }
}

/// Reads how often a failed invocation is tried again; -1 has no end.
fn attempts(input: ParseStream<'_>) -> Result<i64> {
    let sign = input.parse::<Option<Token![-]>>()?;
    let literal: LitInt = input.parse()?;
    match (sign, literal.base10_parse::<i32>()?) {
        (None, attempts @ 1..) => Ok(attempts.into()),
        (Some(_), 1) => Ok(-1),
        _ => Err(Error::new(literal.span(), "write a number from 1 on, or -1 to try again without end")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse::Parser;

    fn read(what: Read, text: &str) -> std::result::Result<Value, String> {
        what.parse_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn schedules_have_fields_or_are_time_spans() {
        for good in ["0 */5 * * * *", "*/5 * * * *", "00:05:00", "%SCHEDULE%"] {
            assert_eq!(read(schedule, &format!("{good:?}")), Ok(json!(good)));
        }
        for wrong in ["", "* * * *", "* * * * * * *", "hourly"] {
            assert!(read(schedule, &format!("{wrong:?}")).unwrap_err().starts_with("write a schedule"), "{wrong}");
        }
    }

    #[test]
    fn queue_names_follow_the_rules_of_storage() {
        for good in ["jobs", "a-1", "%QUEUE%", "jobs-{region}"] {
            assert_eq!(read(queue_name, &format!("{good:?}")), Ok(json!(good)));
        }
        for wrong in ["jo", "Jobs", "-jobs", "jobs-", "jo--bs", "jobs.new", &"j".repeat(64)] {
            assert!(read(queue_name, &format!("{wrong:?}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn retry_policies_have_delays() {
        let fixed = json!({ "strategy": "fixedDelay", "maxRetryCount": 5, "delayMs": 1000 });
        assert_eq!(read(retry, r#"fixed_delay(5, "1s")"#), Ok(fixed));
        let backoff =
            json!({ "strategy": "exponentialBackoff", "maxRetryCount": -1, "minimumMs": 500, "maximumMs": 60_000 });
        assert_eq!(read(retry, r#"exponential_backoff(-1, "500ms", "1m")"#), Ok(backoff));
        for wrong in [
            r#"fixed_delay(0, "1s")"#,
            r#"fixed_delay(-2, "1s")"#,
            "fixed_delay(5)",
            r#"fixed_delay(5, "1s", "2s")"#,
            r#"exponential_backoff(5, "1s")"#,
            r#"exponential_backoff(5, "2s", "1s")"#,
            r#"linear(5, "1s")"#,
        ] {
            assert!(read(retry, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn other_options_take_any_literal() {
        assert_eq!(read(any, r#"["a", 1, -2, 1.5, true]"#), Ok(json!(["a", 1, -2, 1.5, true])));
        assert!(read(any, "-true").is_err());
    }
}
