//! What spans say about the app and its functions.

use crate::app::App;
use crate::worker::{Function, TriggerKind};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// OpenTelemetry's setting for the name of the app.
pub const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
/// OpenTelemetry's setting for more attributes of the app.
const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";

/// Returns the name of the app: from OpenTelemetry's settings, or else the name of the app's folder.
pub fn service_name(app: &App) -> String {
    let set = app.setting(SERVICE_NAME).map(str::to_owned);
    let listed = || set_attributes(app).into_iter().find_map(|(key, name)| (key == "service.name").then_some(name));
    let folder = || app.root.file_name().map(|name| name.to_string_lossy().into_owned());
    set.or_else(listed).or_else(folder).unwrap_or_default()
}

/// Returns the attributes of everything that the host sends.
pub fn resource(app: &App) -> Vec<Value> {
    let mut attributes = vec![
        attribute("service.name", &service_name(app)),
        attribute("telemetry.sdk.name", env!("CARGO_PKG_NAME")),
        attribute("telemetry.sdk.language", "rust"),
        attribute("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
    ];
    let others = set_attributes(app).into_iter().filter(|(key, _)| key != "service.name");
    attributes.extend(others.map(|(key, value)| attribute(&key, &value)));
    attributes
}

/// Reads `key=value` pairs with commas between them. Values are percent-encoded.
fn set_attributes(app: &App) -> Vec<(String, String)> {
    let pairs = app.setting(RESOURCE_ATTRIBUTES).unwrap_or_default().split(',');
    let decoded = |text: &str| percent_decode_str(text.trim()).decode_utf8_lossy().into_owned();
    pairs.filter_map(|pair| pair.split_once('=').map(|(key, value)| (decoded(key), decoded(value)))).collect()
}

/// Returns an attribute with a text.
pub fn attribute(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// Returns what called a function, in the words of the conventions.
pub fn trigger(function: &Function) -> &'static str {
    match function.trigger_kind {
        TriggerKind::Http => "http",
        TriggerKind::Timer => "timer",
        TriggerKind::Queue | TriggerKind::Broker | TriggerKind::EventGrid => "pubsub",
        TriggerKind::Blob | TriggerKind::CosmosDb | TriggerKind::Sql => "datasource",
        TriggerKind::McpTool | TriggerKind::McpPrompt | TriggerKind::McpResource | TriggerKind::Other => "other",
    }
}

/// Returns the number that the protocol has for the kind of the span: a consumer of messages, or a server.
pub fn kind(function: &Function) -> u8 {
    if trigger(function) == "pubsub" { 5 } else { 2 }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use bluecrab_rpc::RpcFunctionMetadata;

    /// Makes an app in the folder `shop` with these settings.
    pub fn app(settings: &[(&str, &str)]) -> App {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("shop");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("host.json"), r#"{ "version": "2.0" }"#).unwrap();
        std::fs::write(root.join("package.json"), "{}").unwrap();
        let values = json!({ "Values": serde_json::Map::from_iter(
            settings.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))),
        ) });
        std::fs::write(root.join("local.settings.json"), values.to_string()).unwrap();
        App::read_in(&root, []).unwrap()
    }

    /// Makes a function with this trigger.
    pub fn function(trigger: &str) -> Function {
        let binding = json!({ "type": trigger, "name": "in", "direction": "in" }).to_string();
        let (name, raw_bindings) = ("f".to_owned(), vec![binding]);
        Function::read(RpcFunctionMetadata { name, raw_bindings, ..RpcFunctionMetadata::default() }).unwrap()
    }

    #[test]
    fn the_settings_of_opentelemetry_describe_the_app() {
        let list = "deployment.environment.name=dev%2C1, service.name=listed ,nonsense";
        for (settings, expected) in [
            (&[][..], "shop"),
            (&[("OTEL_RESOURCE_ATTRIBUTES", list)], "listed"),
            (&[("OTEL_RESOURCE_ATTRIBUTES", list), ("OTEL_SERVICE_NAME", "set")], "set"),
        ] {
            let resource = resource(&app(settings));
            assert_eq!(resource[0], attribute("service.name", expected));
            let others: Vec<_> = resource.iter().skip(4).collect();
            let listed = [&attribute("deployment.environment.name", "dev,1")];
            assert_eq!(others, if settings.is_empty() { &[][..] } else { &listed[..] });
        }
    }

    #[test]
    fn a_span_says_what_called_the_function() {
        for (name, called, number) in [
            ("httpTrigger", "http", 2),
            ("timerTrigger", "timer", 2),
            ("serviceBusTrigger", "pubsub", 5),
            ("blobTrigger", "datasource", 2),
            ("mcpToolTrigger", "other", 2),
        ] {
            let function = function(name);
            assert_eq!((trigger(&function), kind(&function)), (called, number), "{name}");
        }
    }
}
