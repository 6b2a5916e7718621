//! What the trigger of Event Grid brings (azure-sdk-for-net, `EventGridTriggerAttributeBindingProvider.cs`).

use super::metadata::TriggerData;
use crate::worker::Function;
use bluecrab_rpc::TypedData;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The path of the webhook to which Event Grid posts events, without the slash before it. Case does not matter.
pub const PATH: &str = "runtime/webhooks/EventGrid";

/// An event in the schema of Event Grid or of CloudEvents.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// Returns what the trigger brings to each call for these events: one call for each event, or one for all with
/// `cardinality: 'many'`.
pub fn calls(function: &Function, events: &[&RawValue]) -> Vec<TriggerData> {
    let metadata = |data: Option<String>| data.map(|data| ("data".to_owned(), TypedData::json(data)));
    if function.is_many() {
        let data: Vec<&str> = events.iter().map(|event| data_of(event).unwrap_or("null")).collect();
        let events: Vec<&str> = events.iter().map(|event| event.get()).collect();
        let list = |elements: &[&str]| format!("[{}]", elements.join(","));
        return vec![(TypedData::json(list(&events)), metadata(Some(list(&data))).into_iter().collect())];
    }
    let one = |event: &&RawValue| {
        let data = data_of(event).map(str::to_owned);
        (TypedData::json(event.get()), metadata(data).into_iter().collect())
    };
    events.iter().map(one).collect()
}

fn data_of(event: &RawValue) -> Option<&str> {
    serde_json::from_str::<Event<'_>>(event.get()).ok()?.data.map(RawValue::get)
}
