//! A function, as the worker describes it.

use crate::keys::AuthLevel;
use bluecrab_rpc::RpcFunctionMetadata;
use hyper::Method;
use serde_json::Value;
use std::sync::Arc;

/// A function of the app.
#[derive(Debug, Clone)]
pub struct Function {
    /// The name, which is unique in the app.
    pub name: Arc<str>,
    /// The worker's id for the function.
    pub id: String,
    /// The name of the trigger's parameter.
    pub trigger_name: String,
    /// The type of the trigger as the worker spells it, such as `httpTrigger`.
    pub trigger_type: String,
    /// What calls the function.
    pub trigger_kind: TriggerKind,
    /// Whether an app setting disables the function.
    pub is_disabled: bool,
    /// The HTTP trigger, if the function has one.
    pub http: Option<HttpTrigger>,
    /// The bindings that are read before a call, except the trigger.
    pub inputs: Vec<Value>,
    /// The bindings that are written after a call, except the HTTP response.
    pub outputs: Vec<Value>,
    /// The bindings, as the worker sent them.
    pub bindings: Vec<Value>,
    /// The description that the worker expects back in the request to load the function.
    pub metadata: RpcFunctionMetadata,
}

/// What calls a function: the triggers that differ for this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerKind {
    Http,
    Timer,
    Queue,
    Blob,
    EventGrid,
    McpTool,
    McpPrompt,
    McpResource,
    /// Service Bus, Event Hubs, Kafka or RabbitMQ, none of which this host reads.
    Broker,
    CosmosDb,
    /// A table of a database with SQL, which this host does not watch.
    Sql,
    /// A trigger that this host does not know.
    Other,
}

impl TriggerKind {
    /// Reads the type of a trigger. The platform ignores its case.
    fn read(trigger_type: &str) -> Self {
        match trigger_type.to_ascii_lowercase().as_str() {
            "httptrigger" => Self::Http,
            "timertrigger" => Self::Timer,
            "queuetrigger" => Self::Queue,
            "blobtrigger" => Self::Blob,
            "eventgridtrigger" => Self::EventGrid,
            "mcptooltrigger" => Self::McpTool,
            "mcpprompttrigger" => Self::McpPrompt,
            "mcpresourcetrigger" => Self::McpResource,
            "servicebustrigger" | "eventhubtrigger" | "kafkatrigger" | "rabbitmqtrigger" => Self::Broker,
            "cosmosdbtrigger" => Self::CosmosDb,
            "sqltrigger" | "mysqltrigger" => Self::Sql,
            _ => Self::Other,
        }
    }

    /// Returns whether MCP clients call the function.
    pub fn is_mcp(self) -> bool {
        matches!(self, Self::McpTool | Self::McpPrompt | Self::McpResource)
    }
}

/// The HTTP trigger of a function.
#[derive(Debug, Clone)]
pub struct HttpTrigger {
    /// The methods that the function handles.
    pub methods: Vec<Method>,
    /// The route template, without the prefix.
    pub route: String,
    /// Who may call the function.
    pub auth_level: AuthLevel,
    /// The name of the HTTP output binding, if the function has one.
    pub output: Option<String>,
}

impl HttpTrigger {
    /// Returns the route template with the app's prefix, such as `/api/rows/{id}`.
    pub fn route_below(&self, prefix: &str) -> String {
        format!("/{}", format!("{prefix}/{}", self.route).trim_matches('/'))
    }
}

/// The methods of a trigger that lists no methods, in the platform's order.
const ALL_METHODS: [Method; 7] =
    [Method::GET, Method::POST, Method::DELETE, Method::HEAD, Method::PATCH, Method::PUT, Method::OPTIONS];

impl Function {
    /// Reads the worker's description of a function. The error says what is wrong with it.
    pub fn read(metadata: RpcFunctionMetadata) -> Result<Self, String> {
        if !is_name(&metadata.name) {
            return Err(
                "the platform does not accept its name: use a letter, then letters, digits, `_` and `-`, at most 128 \
                        characters, and not `host`"
                    .to_owned(),
            );
        }
        let read = |text: &String| serde_json::from_str::<Value>(text);
        let bindings: Vec<Value> =
            metadata.raw_bindings.iter().map(read).collect::<Result<_, _>>().map_err(|error| {
                format!("the worker describes function {} with a binding that is not JSON: {error}", metadata.name)
            })?;
        let trigger = bindings
            .iter()
            .find(|binding| is_trigger(binding))
            .ok_or_else(|| format!("function {} has no trigger", metadata.name))?;
        let trigger_type = text(trigger, "type").to_owned();
        let trigger_kind = TriggerKind::read(&trigger_type);
        let http = (trigger_kind == TriggerKind::Http).then(|| HttpTrigger {
            methods: methods(trigger),
            route: Some(text(trigger, "route")).filter(|route| !route.is_empty()).unwrap_or(&metadata.name).to_owned(),
            auth_level: AuthLevel::read(text(trigger, "authLevel")),
            output: bindings
                .iter()
                .find(|binding| text(binding, "type") == "http" && text(binding, "direction") == "out")
                .map(|binding| text(binding, "name").to_owned()),
        });
        let points = |binding: &&Value, direction: &str| text(binding, "direction").eq_ignore_ascii_case(direction);
        let inputs = bindings.iter().filter(|binding| points(binding, "in") && !is_trigger(binding)).cloned().collect();
        let outputs = bindings
            .iter()
            .filter(|binding| points(binding, "out") && !text(binding, "type").eq_ignore_ascii_case("http"))
            .cloned()
            .collect();
        Ok(Self {
            name: metadata.name.as_str().into(),
            id: metadata.function_id.clone(),
            trigger_name: text(trigger, "name").to_owned(),
            trigger_type,
            trigger_kind,
            is_disabled: false,
            http,
            inputs,
            outputs,
            bindings,
            metadata,
        })
    }

    /// Returns the binding of the trigger.
    pub fn trigger(&self) -> &Value {
        self.bindings.iter().find(|binding| is_trigger(binding)).unwrap_or(&Value::Null)
    }

    /// Returns whether the function wants the messages or events of a batch at once.
    pub fn is_many(&self) -> bool {
        self.trigger()["cardinality"].as_str().is_some_and(|cardinality| cardinality.eq_ignore_ascii_case("many"))
    }
}

fn is_trigger(binding: &Value) -> bool {
    text(binding, "type").to_ascii_lowercase().ends_with("trigger")
}

/// Returns whether the platform accepts a function name (azure-functions-host, `Utility.IsValidFunctionName`).
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
