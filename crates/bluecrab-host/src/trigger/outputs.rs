//! Writes what a function returns to its output bindings.

use super::expression::Values;
use super::item::Item;
use super::storage;
use super::surrogates::replace_lone_surrogates;
use super::unsent::{UnsentOutput, UnsentOutputs};
use crate::console;
use crate::worker::Function;
use bluecrab_rpc::{InvocationResponse, TypedData, typed_data::Data};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The name of the binding that takes the function's return value.
const RETURN: &str = "$return";

/// Writes the outputs of an invocation that succeeded. All are written, even if one of them fails, as on the platform.
///
/// # Errors
/// Returns a sentence for the first output that cannot be written.
pub async fn write(
    values: &Values<'_>,
    function: &Function,
    invocation_id: &str,
    response: &mut InvocationResponse,
    unsent: &UnsentOutputs,
) -> Result<(), String> {
    let mut outcome = Ok(());
    for (binding, data) in by_binding(function, response) {
        let name = binding["name"].as_str().unwrap_or_default();
        let kind = binding["type"].as_str().unwrap_or_default();
        let written = async {
            let resolved = values.resolve_binding(binding)?;
            let items = items(kind, data)?;
            if storage::is_storage(binding) {
                return storage::write(values.app, &resolved, items).await;
            }
            if !items.is_empty() {
                unsent.keep(values.function, UnsentOutput::new(invocation_id, resolved, items));
                console::note(&format!(
                    "function {} {invocation_id}: the output {name} ({kind}) is kept, not sent: this host cannot reach the \
                     service; see /admin/functions/{}/outputs",
                    values.function, values.function
                ));
            }
            Ok(())
        };
        outcome = outcome.and(
            written.await.map_err(|reason: String| format!("the output {name} ({kind}) cannot be written: {reason}")),
        );
    }
    outcome
}

fn items(kind: &str, data: TypedData) -> Result<Vec<Item>, String> {
    if kind.eq_ignore_ascii_case("blob") { Ok(Item::whole(data)?.into_iter().collect()) } else { Item::split(data) }
}

/// Finds the value of each output binding: in the response's outputs, in the return value, or, for a function without a
/// binding `$return`, in the members of a returned object (azure-functions-host, `WorkerFunctionInvoker`).
fn by_binding<'a>(function: &'a Function, response: &mut InvocationResponse) -> Vec<(&'a Value, TypedData)> {
    let name_of = |binding: &Value| binding["name"].as_str().unwrap_or_default().to_owned();
    let mut named: HashMap<String, TypedData> = HashMap::new();
    let has_return = function.outputs.iter().any(|binding| binding["name"] == RETURN);
    if has_return {
        named.extend(response.return_value.take().map(|value| (RETURN.to_owned(), value)));
    } else if let Some(Data::Json(json)) = response.return_value.as_ref().and_then(|value| value.data.as_ref())
        && !function.outputs.is_empty()
        && let Ok(members) = serde_json::from_str::<Map<String, Value>>(&replace_lone_surrogates(json))
    {
        named.extend(members.into_iter().map(|(name, value)| (name, to_data(value))));
    }
    for binding in response
        .output_data
        .iter_mut()
        .filter(|binding| function.outputs.iter().any(|output| output["name"] == *binding.name))
    {
        named.extend(binding.data.take().map(|data| (binding.name.clone(), data)));
    }
    function.outputs.iter().filter_map(|binding| Some((binding, named.remove(&name_of(binding))?))).collect()
}

/// Converts a JSON value as the worker would.
pub fn to_data(value: Value) -> TypedData {
    let data = match value {
        Value::Null => None,
        Value::String(text) => Some(Data::String(text)),
        Value::Number(number) => Some(match number.as_i64() {
            Some(whole) => Data::Int(whole),
            None => Data::Json(number.to_string()),
        }),
        other => Some(Data::Json(other.to_string())),
    };
    TypedData { data }
}
