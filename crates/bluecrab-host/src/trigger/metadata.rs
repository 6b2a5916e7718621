//! Completes the metadata of a trigger as the platform does.

use super::surrogates::replace_lone_surrogates;
use crate::app::scalar;
use bluecrab_rpc::{TypedData, typed_data::Data};
use serde_json::{Map, Value};

/// The value and the metadata that a trigger brings to a call.
pub type TriggerData = (TypedData, Vec<(String, TypedData)>);

/// If the trigger's value is a text with a JSON object, adds the object's members to the metadata. They replace
/// metadata of the same name (azure-functions-host, `Utility.ApplyBindingData`).
pub fn add_members(value: &TypedData, metadata: &mut Vec<(String, TypedData)>) {
    let Some(Data::String(text)) = &value.data else { return };
    if !text.trim_start().starts_with('{') {
        return;
    }
    let Ok(members) = serde_json::from_str::<Map<String, Value>>(&replace_lone_surrogates(text)) else { return };
    for (name, value) in members {
        let data = match &value {
            Value::Null | Value::Array(_) => continue,
            Value::Object(_) => TypedData::json(value.to_string()),
            single => TypedData::string(scalar(single).unwrap_or_default()),
        };
        set(metadata, &name, data);
    }
}

/// Sets a value of the metadata. A name in another case keeps its spelling.
pub fn set(metadata: &mut Vec<(String, TypedData)>, name: &str, data: TypedData) {
    match metadata.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        Some((_, known)) => *known = data,
        None => metadata.push((name.to_owned(), data)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_a_json_object_become_metadata() {
        let text = r#"{"id":"7","size":1.5,"whole":3,"ok":true,"inner":{"a":1},"list":[1],"none":null,"Name":"x"}"#;
        let mut metadata = vec![("Id".to_owned(), TypedData::string("message"))];
        add_members(&TypedData::string(text), &mut metadata);
        let named = |name: &str| metadata.iter().find(|(known, _)| known == name).map(|(_, data)| data.clone());
        assert_eq!(named("Id"), Some(TypedData::string("7")));
        assert_eq!(named("size"), Some(TypedData::string("1.5")));
        assert_eq!(named("whole"), Some(TypedData::string("3")));
        assert_eq!(named("ok"), Some(TypedData::string("True")));
        assert_eq!(named("inner"), Some(TypedData::json(r#"{"a":1}"#)));
        assert_eq!((named("list"), named("none")), (None, None));
        for value in [TypedData::string("[1]"), TypedData::string("{"), TypedData::json("{\"a\":1}")] {
            let mut metadata = Vec::new();
            add_members(&value, &mut metadata);
            assert!(metadata.is_empty(), "{value:?}: {metadata:?}");
        }
    }
}
