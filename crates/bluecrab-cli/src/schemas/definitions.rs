//! The definitions of all types, under names that are unique in the app.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The start of a reference to a definition.
pub const PATH: &str = "#/components/schemas/";

/// The definitions of the types of several functions.
#[derive(Default)]
pub struct Definitions {
    /// Each definition as its function wrote it.
    original: BTreeMap<String, Value>,
    /// Each definition with the names as they are here.
    pub schemas: BTreeMap<String, Value>,
}

/// The names that some types have here instead of their own.
pub struct Rename {
    names: BTreeSet<String>,
    suffix: usize,
}

impl Definitions {
    /// Reserves a name for a definition.
    pub fn reserve(&mut self, name: &str, schema: Value) {
        self.original.insert(name.to_owned(), schema.clone());
        self.schemas.insert(name.to_owned(), schema);
    }

    /// Adds the definitions of a function. Different types of one name get numbers: `Row` and `Row2`.
    pub fn add(&mut self, definitions: Map<String, Value>) -> Rename {
        let is_other = |name: &str, schema: &Value| self.original.get(name).is_some_and(|known| known != schema);
        let mut names: BTreeSet<String> =
            definitions.iter().filter(|(name, schema)| is_other(name, schema)).map(|(name, _)| name.clone()).collect();
        // A type that contains a renamed type is another type, too.
        loop {
            let contains = |schema: &Value| references(schema).iter().any(|name| names.contains(*name));
            let more: Vec<String> = definitions
                .iter()
                .filter(|(name, schema)| !names.contains(*name) && contains(schema))
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                break;
            }
            names.extend(more);
        }
        let is_free = |suffix: &usize| {
            names.iter().all(|name| definitions.get(name).is_some_and(|own| !is_other(&format!("{name}{suffix}"), own)))
        };
        let suffix = (2..).find(is_free).unwrap_or_default();
        let rename = Rename { names, suffix };
        for (name, mut schema) in definitions {
            let name = rename.name(&name);
            self.original.insert(name.clone(), schema.clone());
            rename.apply(&mut schema);
            self.schemas.insert(name, schema);
        }
        rename
    }

    /// Returns a schema itself if this one refers to it.
    pub fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix(PATH));
        name.and_then(|name| self.schemas.get(name)).unwrap_or(schema)
    }
}

impl Rename {
    fn name(&self, name: &str) -> String {
        if self.names.contains(name) { format!("{name}{}", self.suffix) } else { name.to_owned() }
    }

    /// Changes the names in a schema.
    pub fn apply(&self, schema: &mut Value) {
        match schema {
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::Object(members) => {
                if let Some(Value::String(path)) = members.get_mut("$ref")
                    && let Some(name) = path.strip_prefix(PATH)
                {
                    *path = format!("{PATH}{}", self.name(name));
                }
                members.values_mut().for_each(|member| self.apply(member));
            }
            _ => {}
        }
    }
}

/// Returns the names of the definitions to which a schema refers.
fn references(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix(PATH));
            members.values().flat_map(references).chain(own).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definitions(row: &str) -> Map<String, Value> {
        let table = json!({ "type": "array", "items": { "$ref": format!("{PATH}Row") } });
        [("Row".to_owned(), json!({ "type": row })), ("Table".to_owned(), table)].into_iter().collect()
    }

    #[test]
    fn equal_types_are_one_and_different_types_get_numbers() {
        let mut all = Definitions::default();
        let schema = || json!({ "$ref": format!("{PATH}Table") });
        let renamed = |rename: Rename, mut schema: Value| {
            rename.apply(&mut schema);
            schema["$ref"].as_str().unwrap().to_owned()
        };
        let refs: Vec<String> = ["string", "string", "number", "number", "boolean"]
            .map(|row| {
                let rename = all.add(definitions(row));
                renamed(rename, schema())
            })
            .into();
        assert_eq!(refs, ["Table", "Table", "Table2", "Table2", "Table3"].map(|name| format!("{PATH}{name}")));
        assert_eq!(all.schemas.keys().collect::<Vec<_>>(), ["Row", "Row2", "Row3", "Table", "Table2", "Table3"]);
        assert_eq!(all.schemas["Table2"]["items"]["$ref"], format!("{PATH}Row2"));
        assert_eq!(all.resolve(&json!({ "$ref": format!("{PATH}Row3") })), &json!({ "type": "boolean" }));
    }
}
