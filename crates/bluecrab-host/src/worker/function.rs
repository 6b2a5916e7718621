//! A function as the worker describes it.

use bluecrab_rpc::RpcFunctionMetadata;
use hyper::Method;
use serde_json::Value;
use std::sync::Arc;

/// A function of the app.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name, unique in the app.
    pub name: Arc<str>,
    /// The worker's id for it.
    pub id: String,
    /// The name of its trigger's parameter.
    pub trigger_name: String,
    /// The type of its trigger, such as `httpTrigger`.
    pub trigger_type: String,
    /// Whether an app setting disables it.
    pub is_disabled: bool,
    /// How HTTP reaches it, where HTTP does.
    pub http: Option<HttpTrigger>,
    /// Its bindings as the worker gave them.
    pub bindings: Vec<Value>,
    /// The message that loads it.
    pub metadata: RpcFunctionMetadata,
}

/// How HTTP reaches a function.
#[derive(Debug, Clone)]
pub struct HttpTrigger {
    /// The methods that it answers.
    pub methods: Vec<Method>,
    /// Its route, without the prefix.
    pub route: String,
    /// Whether its answer goes out through an HTTP output binding of this name.
    pub output: Option<String>,
}

/// The methods of a trigger that names none, in the order in which the platform lists them.
const ALL_METHODS: [Method; 7] =
    [Method::GET, Method::POST, Method::DELETE, Method::HEAD, Method::PATCH, Method::PUT, Method::OPTIONS];

impl Function {
    /// Reads what the worker says of a function; the error says what is wrong.
    pub fn read(metadata: RpcFunctionMetadata) -> Result<Self, String> {
        if !is_name(&metadata.name) {
            return Err(
                "its name is not one that the platform takes: a letter, then letters, digits, `_` and `-`, 128 \
                        characters at most, and not `host`"
                    .to_owned(),
            );
        }
        let read = |text: &String| serde_json::from_str::<Value>(text);
        let bindings: Vec<Value> =
            metadata.raw_bindings.iter().map(read).collect::<Result<_, _>>().map_err(|error| {
                format!("the worker describes function {} with a binding that is no JSON: {error}", metadata.name)
            })?;
        let trigger = bindings
            .iter()
            .find(|binding| text(binding, "type").to_ascii_lowercase().ends_with("trigger"))
            .ok_or_else(|| format!("function {} has no trigger", metadata.name))?;
        let trigger_type = text(trigger, "type").to_owned();
        let http = trigger_type.eq_ignore_ascii_case("httpTrigger").then(|| HttpTrigger {
            methods: methods(trigger),
            route: Some(text(trigger, "route")).filter(|route| !route.is_empty()).unwrap_or(&metadata.name).to_owned(),
            output: bindings
                .iter()
                .find(|binding| text(binding, "type") == "http" && text(binding, "direction") == "out")
                .map(|binding| text(binding, "name").to_owned()),
        });
        Ok(Self {
            name: metadata.name.as_str().into(),
            id: metadata.function_id.clone(),
            trigger_name: text(trigger, "name").to_owned(),
            trigger_type,
            is_disabled: false,
            http,
            bindings,
            metadata,
        })
    }
}

/// Whether the platform takes a function's name (azure-functions-host, `Utility.IsValidFunctionName`).
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= 128
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && !name.eq_ignore_ascii_case("host")
}

fn text<'a>(binding: &'a Value, member: &str) -> &'a str {
    binding[member].as_str().unwrap_or_default()
}

fn methods(trigger: &Value) -> Vec<Method> {
    let named = trigger["methods"].as_array().map(Vec::as_slice).unwrap_or_default();
    if named.is_empty() {
        return ALL_METHODS.to_vec();
    }
    let names = named.iter().filter_map(Value::as_str);
    names.filter_map(|name| Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok()).collect()
}
