//! Fires a function because the developer asks for it: `POST /admin/functions/NAME`.

use super::invoker::Fired;
use super::mcp;
use super::metadata::set;
use super::timer::Timers;
use super::{blob, event_grid};
use crate::app::App;
use crate::worker::{Function, TriggerKind};
use base64::Engine;
use bluecrab_rpc::{CollectionBytes, CollectionString, TypedData, typed_data::Data};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The reason in the log, as on the platform.
const REASON: &str = "This function was programmatically called via the host APIs.";

/// The body of the request. The platform knows only `input`, which must be a text.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByHand {
    /// The value of the trigger: a text, or JSON that stands for its text.
    input: Option<Box<RawValue>>,
    /// The value of the trigger as bytes in Base64, instead of `input`.
    base64: Option<String>,
    /// The metadata of the trigger, as `context.triggerMetadata` shows it.
    #[serde(default)]
    metadata: Map<String, Value>,
}

impl ByHand {
    /// Reads the body of a request. An empty body is `{}`.
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong with it.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_slice(body) {
            Ok(_) if !body.trim_ascii_start().starts_with(b"{") => {
                Err("the body is not an object such as {\"input\": \"text\"}".to_owned())
            }
            Ok(call) => Ok(call),
            Err(error) if error.is_data() => {
                Err(format!("the body is not an object such as {{\"input\": \"text\"}}: {error}"))
            }
            Err(error) => Err(format!("the body is not JSON: {error}")),
        }
    }

    /// Makes what the function's trigger would have brought.
    ///
    /// # Errors
    /// Returns a sentence if the trigger cannot bring such a value.
    pub async fn fire(self, function: &Function, app: &App, timers: &Timers) -> Result<Fired, String> {
        let (value, mut metadata) = match function.trigger_kind {
            TriggerKind::Timer => (self.timer(timers.by_hand(function, app)?), Vec::new()),
            TriggerKind::McpTool => mcp::tool_call(function, self.arguments()?, &mcp::Caller::default())?,
            TriggerKind::McpPrompt => mcp::prompt_call(function, self.arguments()?, &mcp::Caller::default())?,
            TriggerKind::McpResource => {
                let uri = function.trigger()["uri"].as_str().unwrap_or_default();
                mcp::resource_call(function, uri, &mcp::Caller::default())
            }
            TriggerKind::EventGrid => {
                const EXPECTED: &str = "an event, such as {\"id\": \"1\", \"eventType\": \"…\", \"data\": {}}";
                let events = in_array(self.json(EXPECTED)?);
                let events = serde_json::from_str::<Vec<&RawValue>>(&events).unwrap_or_default();
                let mut calls = event_grid::calls(function, &events);
                match (calls.pop(), calls.is_empty()) {
                    (Some(only), true) => only,
                    _ => return Err(format!("the input must be {EXPECTED}; the function takes one event")),
                }
            }
            TriggerKind::Blob if self.base64.is_some() => {
                let name = self.metadata.iter().find(|(name, _)| name.eq_ignore_ascii_case("blobTrigger"));
                let path = name.and_then(|(_, path)| path.as_str()).unwrap_or_default();
                blob::recorded(path, self.bytes()?.unwrap_or_default(), function, app)?
            }
            TriggerKind::Blob => {
                let path = self.input.as_ref().map(|input| text(input)).unwrap_or_default();
                blob::by_hand(&path, function, app).await?
            }
            TriggerKind::CosmosDb => {
                (TypedData::string(in_array(self.json("a document or an array of documents")?)), Vec::new())
            }
            _ if function.is_many() => (self.many(function)?, Vec::new()),
            _ => {
                let mut metadata = Vec::new();
                let bytes = self.bytes()?;
                if function.trigger_kind == TriggerKind::Queue {
                    metadata.push(("DequeueCount".to_owned(), TypedData::json("1")));
                    let text = bytes.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok());
                    metadata.extend(text.map(|text| ("QueueTrigger".to_owned(), TypedData::string(text))));
                }
                let missing = "give the trigger's value as \"input\" (a text or JSON) or as \"base64\"";
                (one(bytes.ok_or(missing)?, function)?, metadata)
            }
        };
        for (name, value) in self.metadata {
            set(&mut metadata, &name, recorded(value));
        }
        Ok(Fired { value, metadata, reason: REASON.to_owned() })
    }

    /// Replaces members of a timer's object with the members of the input. Case does not matter.
    fn timer(&self, mut timer: Value) -> TypedData {
        let members = self.arguments().ok();
        for (name, value) in members.iter().flatten() {
            let members = timer.as_object_mut().into_iter().flatten();
            for (_, known) in members.filter(|(known, _)| known.eq_ignore_ascii_case(name)) {
                *known = value.clone();
            }
        }
        TypedData::json(timer.to_string())
    }

    /// Returns the members of the input: an object, or a text that contains an object. Without an input there are no
    /// members.
    fn arguments(&self) -> Result<Map<String, Value>, String> {
        let Some(input) = &self.input else { return Ok(Map::new()) };
        serde_json::from_str(&text(input))
            .map_err(|error| format!("the input must be an object, as JSON or as a text of JSON: {error}"))
    }

    fn bytes(&self) -> Result<Option<Bytes>, String> {
        match (&self.base64, &self.input) {
            (Some(_), Some(_)) => Err("give either \"input\" or \"base64\"".to_owned()),
            (Some(text), None) => {
                let bytes = base64::engine::general_purpose::STANDARD.decode(text);
                bytes.map(|bytes| Some(bytes.into())).map_err(|error| format!("\"base64\" is not Base64: {error}"))
            }
            (None, input) => Ok(input.as_ref().map(|input| text(input).into_owned().into())),
        }
    }

    /// Returns the input as the text of an object or an array.
    fn json(&self, expected: &str) -> Result<String, String> {
        let text = self.input.as_ref().map(|input| text(input)).unwrap_or_default();
        let is_value = serde_json::from_str::<Value>(&text).is_ok_and(|value| value.is_object() || value.is_array());
        let wrong = || format!("the input must be {expected}, as JSON or as a text of JSON");
        is_value.then(|| text.into_owned()).ok_or_else(wrong)
    }

    /// Makes a batch: each element of an array is a message, and anything else is the only message.
    fn many(&self, function: &Function) -> Result<TypedData, String> {
        let input = self.input.as_ref().map(|input| text(input)).unwrap_or_default();
        let messages: Vec<Bytes> = match serde_json::from_str::<Vec<Box<RawValue>>>(&input) {
            Ok(messages) => messages.iter().map(|message| text(message).into_owned().into()).collect(),
            Err(_) => self.bytes()?.into_iter().collect(),
        };
        if messages.is_empty() {
            return Err("give the messages as \"input\": an array of texts or JSON".to_owned());
        }
        let utf8 = |message: &Bytes| String::from_utf8(message.to_vec()).map_err(|_| not_text(function));
        let data = match data_type(function).as_str() {
            "binary" => {
                Data::CollectionBytes(CollectionBytes { bytes: messages.into_iter().map(Into::into).collect() })
            }
            "string" => {
                // The platform drops empty messages for Node.js.
                let texts =
                    messages.iter().filter(|message| !message.is_empty()).map(utf8).collect::<Result<_, _>>()?;
                Data::CollectionString(CollectionString { string: texts })
            }
            _ => {
                let parsed = messages.iter().map(|message| {
                    serde_json::from_slice::<&RawValue>(message).map(|value| value.get()).map_err(|_| {
                        "a message of the batch is not JSON, and the platform then fails the call, unless the trigger \
                         has the dataType 'string' or 'binary'"
                            .to_owned()
                    })
                });
                Data::Json(format!("[{}]", parsed.collect::<Result<Vec<_>, _>>()?.join(",")))
            }
        };
        Ok(TypedData { data: Some(data) })
    }
}

fn one(bytes: Bytes, function: &Function) -> Result<TypedData, String> {
    Ok(match data_type(function).as_str() {
        "binary" => TypedData { data: Some(Data::Bytes(bytes)) },
        _ => TypedData::string(String::from_utf8(bytes.to_vec()).map_err(|_| not_text(function))?),
    })
}

fn not_text(function: &Function) -> String {
    format!("the value is not UTF-8, and the trigger of {} does not have the dataType 'binary'", function.name)
}

fn data_type(function: &Function) -> String {
    function.trigger()["dataType"].as_str().unwrap_or_default().to_ascii_lowercase()
}

/// Returns the text of a JSON string, or the JSON text of another value as it was written.
fn text(value: &RawValue) -> Cow<'_, str> {
    serde_json::from_str::<String>(value.get()).map_or(Cow::Borrowed(value.get()), Cow::Owned)
}

/// Wraps JSON in an array, unless it is an array already.
fn in_array(json: String) -> String {
    if json.trim_start().starts_with('[') { json } else { format!("[{json}]") }
}

/// Converts recorded metadata to the messages of the platform: texts, lists of texts, and JSON for everything else.
fn recorded(value: Value) -> TypedData {
    match value {
        Value::String(text) => TypedData::string(text),
        Value::Array(list) if !list.is_empty() && list.iter().all(Value::is_string) => {
            let string = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            TypedData { data: Some(Data::CollectionString(CollectionString { string })) }
        }
        other => TypedData::json(other.to_string()),
    }
}
