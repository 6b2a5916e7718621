//! Writes JSON Schemas as types of TypeScript.

use super::definitions::{Definitions, PATH};
use serde_json::{Map, Value};

/// Returns a declaration for each definition.
pub fn declarations(definitions: &Definitions) -> String {
    let declarations = definitions.schemas.iter().map(|(name, schema)| {
        let comment = comment(schema.get("description").and_then(Value::as_str), "");
        format!("{comment}export type {} = {};\n\n", identifier(name), type_of(schema, ""))
    });
    declarations.collect()
}

/// Returns a documentation comment, or nothing.
pub fn comment(text: Option<&str>, indent: &str) -> String {
    let lines = text.unwrap_or_default().replace("*/", "* /");
    if lines.is_empty() {
        return String::new();
    }
    let lines: Vec<&str> = lines.lines().map(str::trim).collect();
    format!("{indent}/** {} */\n", lines.join(&format!("\n{indent} * ")))
}

/// Returns a name that TypeScript allows. Two names of schemas can become one only if they differ in such signs.
fn identifier(name: &str) -> String {
    name.replace(|letter: char| !letter.is_alphanumeric() && letter != '_', "_")
}

/// Returns a type. Its lines after the first are indented.
pub fn type_of(schema: &Value, indent: &str) -> String {
    let Value::Object(members) = schema else {
        return if *schema == Value::Bool(false) { "never" } else { "unknown" }.to_owned();
    };
    let mut parts = Vec::new();
    if let Some(path) = members.get("$ref").and_then(Value::as_str) {
        parts.push(identifier(path.strip_prefix(PATH).unwrap_or(path)));
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(schemas)) = members.get(key) {
            parts.push(union(schemas.iter().map(|schema| type_of(schema, indent))));
        }
    }
    if let Some(Value::Array(schemas)) = members.get("allOf") {
        parts.extend(schemas.iter().map(|schema| type_of(schema, indent)));
    }
    if let Some(value) = members.get("const") {
        parts.push(value.to_string());
    } else if let Some(Value::Array(values)) = members.get("enum") {
        parts.push(union(values.iter().map(Value::to_string)));
    } else {
        parts.extend(plain(members, indent));
    }
    parts.retain(|part| part != "unknown");
    match parts.as_slice() {
        [] => "unknown".to_owned(),
        [one] => one.clone(),
        _ => parts.iter().map(|part| grouped(part)).collect::<Vec<_>>().join(" & "),
    }
}

/// Returns what the member `type` says.
fn plain(members: &Map<String, Value>, indent: &str) -> Option<String> {
    let kinds: Vec<&str> = match members.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ if members.contains_key("properties") => vec!["object"],
        _ => return None,
    };
    Some(union(kinds.into_iter().map(|kind| match kind {
        "integer" | "number" => "number".to_owned(),
        "array" => array(members, indent),
        "object" => object(members, indent),
        other => other.to_owned(),
    })))
}

fn array(members: &Map<String, Value>, indent: &str) -> String {
    if let Some(Value::Array(items)) = members.get("prefixItems") {
        let items: Vec<String> = items.iter().map(|item| type_of(item, indent)).collect();
        return format!("[{}]", items.join(", "));
    }
    let item = members.get("items").map_or("unknown".to_owned(), |item| type_of(item, indent));
    format!("{}[]", grouped(&item))
}

fn object(members: &Map<String, Value>, indent: &str) -> String {
    let inner = format!("{indent}  ");
    let required = members.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|known| known == name));
    let properties = members.get("properties").and_then(Value::as_object);
    let mut lines: Vec<String> = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let mark = if is_required(name) { "" } else { "?" };
            let comment = comment(schema.get("description").and_then(Value::as_str), &inner);
            format!("{comment}{inner}{}{mark}: {};\n", Value::from(name.as_str()), type_of(schema, &inner))
        })
        .collect();
    match members.get("additionalProperties") {
        Some(Value::Bool(false)) => {}
        Some(schema) if lines.is_empty() => return format!("{{ [name: string]: {} }}", type_of(schema, indent)),
        // The type of an index must fit all properties, too.
        Some(_) => lines.push(format!("{inner}[name: string]: unknown;\n")),
        None if lines.is_empty() => return "Record<string, unknown>".to_owned(),
        None => {}
    }
    if lines.is_empty() { "Record<string, never>".to_owned() } else { format!("{{\n{}{indent}}}", lines.concat()) }
}

fn union(types: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for one in types {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    if all.iter().any(|one| one == "unknown") { "unknown".to_owned() } else { all.join(" | ") }
}

/// Puts parentheses around a union or an intersection.
fn grouped(part: &str) -> String {
    if part.contains(" | ") || part.contains(" & ") { format!("({part})") } else { part.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn schemas_become_types() {
        for (schema, expected) in [
            (json!(true), "unknown"),
            (json!({ "type": "integer", "format": "uint8", "minimum": 0 }), "number"),
            (json!({ "type": ["string", "null"] }), "string | null"),
            (json!({ "type": "array", "items": { "type": ["string", "null"] } }), "(string | null)[]"),
            (json!({ "type": "array", "prefixItems": [{ "type": "string" }, true] }), "[string, unknown]"),
            (json!({ "enum": ["up", "down"], "type": "string" }), "\"up\" | \"down\""),
            (json!({ "oneOf": [{ "const": "up" }, { "$ref": "#/components/schemas/Row" }] }), "\"up\" | Row"),
            (json!({ "type": "object", "additionalProperties": { "type": "number" } }), "{ [name: string]: number }"),
            (
                json!({ "allOf": [{ "$ref": "#/components/schemas/A" }, { "type": ["string", "null"] }] }),
                "A & (string | null)",
            ),
            (
                json!({ "type": "object", "properties": { "a b": { "type": "string" }, "c": true }, "required": ["c"] }),
                "{\n  \"a b\"?: string;\n  \"c\": unknown;\n}",
            ),
        ] {
            assert_eq!(type_of(&schema, ""), expected, "{schema}");
        }
    }
}
