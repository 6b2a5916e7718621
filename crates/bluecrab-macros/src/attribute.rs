//! Parses the options of a function, inside `#[http(...)]`, `#[queue(...)]` and so on.

use crate::binding::{self, Trigger};
use crate::option::{name, one_of, retry, strings, variable};
use crate::quantity::{duration, size};
use proc_macro2::Span;
use serde_json::{Map, Value, json};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, Path, Result, parenthesized};

/// The value of `run` for a new instance in each call.
pub const FRESH: &str = "fresh";
const RUNS: [&str; 3] = ["auto", "pool", FRESH];
/// The options that all triggers have.
const OPTIONS: &[&str] = &["name", "env", "timeout", "max_body", "max_memory", "run", "warm_up"];

/// The options of a function. An option that is not set has the default of the manifest.
#[derive(Default)]
pub struct Attribute {
    /// The trigger in the words of the v4 model.
    pub trigger: Map<String, Value>,
    pub name: Option<String>,
    pub env: Vec<String>,
    pub timeout_ms: Option<u64>,
    pub max_body: Option<u64>,
    pub max_memory: Option<u64>,
    pub run: Option<String>,
    /// A function that makes an example of a request.
    pub warm_up: Option<Path>,
    /// Where the return value goes.
    pub output: Option<Value>,
    pub retry: Option<Value>,
}

impl Attribute {
    pub fn parse(trigger: &Trigger, tokens: proc_macro2::TokenStream) -> Result<Self> {
        let is_http = trigger.kind.name == "http";
        let has_output = !is_http && trigger.kind.name != "callable";
        let mut others = OPTIONS.to_vec();
        others.extend(has_output.then_some("output"));
        others.extend(trigger.has_retry.then_some("retry"));
        let mut attribute = Self::default();
        let members = (|input: ParseStream<'_>| {
            trigger.kind.parse(input, &others, &mut |option, input| match option.to_string().as_str() {
                "retry" if !trigger.has_retry => Err(Error::new(option.span(), no_retry(trigger))),
                name if others.contains(&name) => attribute.option(name, input).map(|()| true),
                _ => Ok(false),
            })
        })
        .parse2(tokens)?;
        attribute.trigger = members;
        Ok(attribute)
    }

    fn option(&mut self, option: &str, input: ParseStream<'_>) -> Result<()> {
        match option {
            "name" => self.name = Some(name(&input.parse()?)?),
            "env" => self.env = strings(input)?.iter().map(variable).collect::<Result<_>>()?,
            "timeout" => self.timeout_ms = Some(duration(input)?),
            "max_body" => self.max_body = Some(size(input)?),
            "max_memory" => self.max_memory = Some(size(input)?),
            "run" => self.run = Some(one_of(&input.parse()?, &RUNS, "run mode")?),
            "warm_up" => self.warm_up = Some(input.parse()?),
            "output" => self.output = Some(output(input)?),
            _ => self.retry = Some(retry(input)?),
        }
        Ok(())
    }

    /// Checks that the trigger has all the options that it needs.
    pub fn check(&self, trigger: &Trigger, place: Span) -> Result<()> {
        trigger.kind.check(&self.trigger, place)
    }
}

fn no_retry(trigger: &Trigger) -> String {
    let why = match trigger.kind.name {
        "queue" | "blob" => "it tries a failed message again without a policy, `maxDequeueCount` times (host.json)",
        "service_bus" => "the service delivers a failed message again, up to its limit of deliveries",
        "event_grid" => "the service delivers a failed event again",
        _ => "the caller decides what to do after an error",
    };
    format!("the platform has no retry policy for `{}`: {why}", trigger.kind.name)
}

/// Reads `queue("done")`. The platform writes the return value to the output `$return`.
fn output(input: ParseStream<'_>) -> Result<Value> {
    let name = input.call(Ident::parse_any)?;
    let Some(kind) = binding::find(&binding::OUTPUTS, &name) else {
        let known = binding::names(&binding::OUTPUTS);
        return Err(Error::new(name.span(), format!("unknown output `{name}`; the outputs are {known}")));
    };
    let content;
    parenthesized!(content in input);
    let mut members = kind.parse(&content, &[], &mut |_, _| Ok(false))?;
    kind.check(&members, name.span())?;
    members.insert("name".to_owned(), json!("$return"));
    Ok(Value::Object(members))
}
