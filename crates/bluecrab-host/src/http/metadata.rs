//! Builds the trigger metadata of an invocation from its HTTP request.

use crate::route::equal;
use bluecrab_rpc::{NullableString, TypedData, nullable_string};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, COOKIE};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Returns the header fields by lower-case name. Repeated fields are joined with commas, without empty values, as on the
/// platform (dotnet/aspnetcore, `StringValues.ToString`); cookies with `; ` (RFC 6265, section 5.4).
pub fn joined_headers(headers: &HeaderMap) -> HashMap<String, String> {
    let join = |name| {
        let values = headers.get_all(name).iter().map(|value| text(value.as_bytes()));
        let values: Vec<_> = values.filter(|value| !value.is_empty()).collect();
        values.join(if name == COOKIE { "; " } else { "," })
    };
    headers.keys().map(|name| (name.as_str().to_owned(), join(name))).collect()
}

/// Decodes a header value as UTF-8, as ASP.NET Core does, or else as Latin-1, as Node.js does.
///
/// Text with characters above U+00FF also falls back to Latin-1, because JavaScript's `Headers` refuses such
/// characters.
fn text(value: &[u8]) -> String {
    let utf8 = std::str::from_utf8(value).ok().filter(|text| text.chars().all(|character| character <= '\u{ff}'));
    utf8.map_or_else(|| value.iter().copied().map(char::from).collect(), str::to_owned)
}

/// Returns the query values by name. Repeated values are joined as those of header fields.
pub fn joined_query(query: &str) -> HashMap<String, String> {
    let mut joined = HashMap::<String, String>::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let before = joined.entry(name.into_owned()).or_default();
        if !before.is_empty() && !value.is_empty() {
            before.push(',');
        }
        before.push_str(&value);
    }
    joined
}

/// Converts texts to the type that the messages use for them.
pub fn nullable(pairs: impl IntoIterator<Item = (String, String)>) -> HashMap<String, NullableString> {
    let value = |value| NullableString { string: Some(nullable_string::String::Value(value)) };
    pairs.into_iter().map(|(name, text)| (name, value(text))).collect()
}

/// Builds the trigger metadata: the headers and the query as JSON, and each member of a small JSON body, each query
/// value and each route parameter by name. If names collide, `Headers` and `Query` win, then the route parameters, then
/// the query values. A route parameter without a value wins too, so that a client cannot fill it in another way
/// (azure-functions-host, `AddRouteDataToRequest`; its names ignore case).
pub fn trigger_metadata(
    headers: &HashMap<String, String>,
    query: &HashMap<String, String>,
    parameters: &[(String, Option<String>)],
    body: Option<Map<String, Value>>,
) -> HashMap<String, TypedData> {
    let mut metadata = HashMap::new();
    for (name, value) in body.into_iter().flatten() {
        metadata.insert(
            name,
            match value {
                Value::String(text) => TypedData::string(text),
                other => TypedData::json(other.to_string()),
            },
        );
    }
    for (name, value) in query {
        metadata.insert(name.clone(), TypedData::string(value));
    }
    metadata.retain(|name, _| !parameters.iter().any(|(parameter, _)| equal(parameter, name)));
    for (name, value) in parameters {
        metadata.extend(value.as_ref().map(|value| (name.clone(), TypedData::string(value))));
    }
    metadata.insert("Headers".to_owned(), TypedData::json(to_json(headers)));
    metadata.insert("Query".to_owned(), TypedData::json(to_json(query)));
    metadata
}

fn to_json(map: &HashMap<String, String>) -> String {
    let members = map.iter().map(|(name, value)| (name.clone(), Value::String(value.clone())));
    Value::Object(members.collect()).to_string()
}

/// Returns whether the Content-Type says that the body is JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let media_type = media_type(headers);
    media_type == "application/json" || media_type.ends_with("+json")
}

/// Returns the Content-Type in lower case, without parameters.
pub fn media_type(headers: &HeaderMap) -> String {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Returns the members of a body that is a JSON object.
pub fn members(body: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_repeated_headers_and_reads_two_encodings() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-a", b"1".as_slice()),
            ("x-a", b""),
            ("x-a", b"2"),
            ("x-empty", b""),
            ("cookie", b"a=1"),
            ("cookie", b"b=2"),
            ("x-utf8", "caf\u{e9}".as_bytes()),
            ("x-latin1", b"caf\xe9"),
            ("x-euro", "\u{20ac}".as_bytes()),
        ] {
            headers.append(name, http::HeaderValue::from_bytes(value).unwrap());
        }
        let joined = joined_headers(&headers);
        assert_eq!((joined["x-a"].as_str(), joined["cookie"].as_str()), ("1,2", "a=1; b=2"));
        assert_eq!(joined["x-empty"], "");
        assert_eq!((joined["x-utf8"].as_str(), joined["x-latin1"].as_str()), ("caf\u{e9}", "caf\u{e9}"));
        assert_eq!(joined["x-euro"], "\u{e2}\u{82}\u{ac}");
    }

    #[test]
    fn joins_repeated_query_values() {
        let query = joined_query("a=&a=1&b=x+y%21&a=2&a=&c");
        assert_eq!((query["a"].as_str(), query["b"].as_str(), query["c"].as_str()), ("1,2", "x y!", ""));
    }

    #[test]
    fn fills_metadata_as_the_platform_does() {
        let query = joined_query("q=1");
        let body = members(br#"{"name":"x","list":[1]}"#);
        let metadata = trigger_metadata(&HashMap::new(), &query, &[("id".to_owned(), Some("7".to_owned()))], body);
        assert_eq!(metadata["name"], TypedData::string("x"));
        assert_eq!(metadata["list"], TypedData::json("[1]"));
        assert_eq!(metadata["id"], TypedData::string("7"));
        assert_eq!(metadata["Query"], TypedData::json(r#"{"q":"1"}"#));
    }
}
