//! Describes what functions read and return, for `bluecrab types` and `bluecrab openapi`. Only these two commands build
//! modules with it, so it may be large and slow.

mod probe;

pub use probe::{KnownArgument, KnownResponse, Probe, UnknownArgument, UnknownResponse};

use crate::batch::Batch;
use crate::body::Bytes;
use crate::header::{Header, HeaderName};
use crate::headers::Headers;
use crate::json::Json;
use crate::multipart::Multipart;
use crate::path::Path;
use crate::problem::Problem;
use crate::query::Query;
use crate::request::Request;
use crate::response::Response;
use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Value, json};
use std::any::type_name;
use std::borrow::Cow;

/// What a function reads and returns. As a response it is JSON that the command reads.
pub struct Description {
    documentation: &'static str,
    /// For the types that a function reads.
    request: SchemaGenerator,
    /// For the types that it writes. A field with a default is optional in a request, but not in a response.
    response: SchemaGenerator,
    arguments: Vec<Value>,
    responses: Vec<Value>,
    /// The types without a schema.
    missing: Vec<&'static str>,
    /// The return type, if only the running function knows its responses.
    opaque: Option<&'static str>,
}

impl Description {
    /// Starts the description of a function with this documentation.
    pub fn new(documentation: &'static str) -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            documentation,
            request: settings.clone().for_deserialize().into_generator(),
            response: settings.for_serialize().into_generator(),
            arguments: Vec::new(),
            responses: Vec::new(),
            missing: Vec::new(),
            opaque: None,
        }
    }

    /// Says that only the running function knows its responses.
    pub fn opaque(&mut self, return_type: &'static str) {
        self.opaque = Some(return_type);
        self.returns("2XX", ANY, true);
    }

    fn argument(&mut self, place: &str, name: &str, schema: impl Into<Value>) {
        self.arguments.push(json!({ "in": place, "name": name, "required": true, "schema": schema.into() }));
    }

    fn returns(&mut self, status: &str, media_type: &str, schema: impl Into<Value>) {
        self.responses.push(json!({ "status": status, "type": media_type, "schema": schema.into() }));
    }

    /// Writes the description as JSON.
    pub fn into_response(mut self) -> Response {
        let description = json!({
            "documentation": self.documentation,
            "arguments": self.arguments,
            "responses": self.responses,
            "requestDefinitions": self.request.take_definitions(true),
            "responseDefinitions": self.response.take_definitions(true),
            "missing": self.missing,
            "opaque": self.opaque,
        });
        Response::json(description.to_string())
    }
}

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";
/// A function that reads bytes accepts every media type.
const ANY: &str = "*/*";

/// An argument whose types have schemas.
pub trait DescribeArgument {
    /// Adds it to the description.
    fn describe(description: &mut Description);
}

/// A return type whose types have schemas.
pub trait DescribeResponse {
    /// Adds it to the description.
    fn describe(description: &mut Description);
}

impl<T: JsonSchema> DescribeArgument for Json<T> {
    fn describe(description: &mut Description) {
        let schema = description.request.subschema_for::<T>();
        description.argument("body", JSON, schema);
    }
}

impl DescribeArgument for String {
    fn describe(description: &mut Description) {
        description.argument("body", TEXT, json!({ "type": "string" }));
    }
}

impl DescribeArgument for Bytes {
    fn describe(description: &mut Description) {
        description.argument("body", ANY, true);
    }
}

impl DescribeArgument for Multipart {
    fn describe(description: &mut Description) {
        description.argument("body", "multipart/form-data", true);
    }
}

impl DescribeArgument for Request {
    fn describe(description: &mut Description) {
        description.argument("body", ANY, true);
        optional(description, 1);
    }
}

impl<T: JsonSchema> DescribeArgument for Path<T> {
    fn describe(description: &mut Description) {
        let schema = description.request.subschema_for::<T>();
        description.argument("path", "", schema);
    }
}

impl<T: JsonSchema> DescribeArgument for Query<T> {
    fn describe(description: &mut Description) {
        let schema = description.request.subschema_for::<T>();
        description.argument("query", "", schema);
    }
}

impl<N: HeaderName, V> DescribeArgument for Header<N, V> {
    fn describe(description: &mut Description) {
        let kind = match type_name::<V>() {
            "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => {
                "integer"
            }
            "f32" | "f64" => "number",
            "bool" => "boolean",
            _ => "string",
        };
        description.argument("header", N::NAME, json!({ "type": kind }));
    }
}

impl DescribeArgument for Headers {
    fn describe(_: &mut Description) {}
}

impl<T: DescribeArgument> DescribeArgument for Batch<T> {
    fn describe(description: &mut Description) {
        let known = description.arguments.len();
        T::describe(description);
        for argument in description.arguments.iter_mut().skip(known) {
            let items = argument["schema"].take();
            argument["schema"] = json!({ "type": "array", "items": items });
        }
    }
}

impl<T: DescribeArgument> DescribeArgument for Option<T> {
    fn describe(description: &mut Description) {
        let known = description.arguments.len();
        T::describe(description);
        let added = description.arguments.len() - known;
        optional(description, added);
    }
}

/// Says that the last arguments need not be there.
fn optional(description: &mut Description, count: usize) {
    for argument in description.arguments.iter_mut().rev().take(count) {
        argument["required"] = json!(false);
    }
}

impl<T: DescribeArgument> DescribeArgument for Result<T, Problem> {
    fn describe(description: &mut Description) {
        T::describe(description);
    }
}

impl<T: JsonSchema> DescribeResponse for Json<T> {
    fn describe(description: &mut Description) {
        let schema = description.response.subschema_for::<T>();
        description.returns("200", JSON, schema);
    }
}

macro_rules! responses {
    ($($media_type:ident $schema:tt $($type:ty),*;)*) => {$($(
        impl DescribeResponse for $type {
            fn describe(description: &mut Description) {
                description.returns("200", $media_type, json!($schema));
            }
        }
    )*)*};
}

const BYTES: &str = "application/octet-stream";

responses! {
    TEXT { "type": "string" } String, &'static str, Cow<'static, str>;
    BYTES true Bytes, Vec<u8>;
}

impl DescribeResponse for Response {
    fn describe(description: &mut Description) {
        description.opaque("Response");
    }
}

impl DescribeResponse for () {
    fn describe(description: &mut Description) {
        description.returns("204", "", true);
    }
}

/// The status is known only when the function runs.
impl<T: DescribeResponse> DescribeResponse for (u16, T) {
    fn describe(description: &mut Description) {
        let known = description.responses.len();
        T::describe(description);
        for response in description.responses.iter_mut().skip(known) {
            response["status"] = json!("2XX");
        }
    }
}

impl<T: DescribeResponse> DescribeResponse for Option<T> {
    fn describe(description: &mut Description) {
        T::describe(description);
        description.returns("404", "", true);
    }
}

/// Any function may return a problem, so the command adds it.
impl DescribeResponse for Problem {
    fn describe(_: &mut Description) {}
}

impl<T: DescribeResponse, E> DescribeResponse for Result<T, E> {
    fn describe(description: &mut Description) {
        T::describe(description);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::ContentLength;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Tree {
        name: String,
        #[serde(default)]
        children: Vec<Tree>,
    }

    struct NoSchema;

    macro_rules! described {
        ($($argument:ty),* => $response:ty) => {{
            let mut description = Description::new("Says what it does.");
            $((&Probe::<$argument>::new()).argument(&mut description);)*
            (&Probe::<$response>::new()).response(&mut description);
            description.into_response().read_json::<Value>().unwrap()
        }};
    }

    #[test]
    fn a_recursive_type_is_a_definition() {
        let said = described!(Path<(String, u32)>, Json<Tree> => Result<Json<Tree>, Problem>);
        let tree = json!({ "$ref": "#/components/schemas/Tree" });
        assert_eq!(said["arguments"][1]["schema"], tree);
        assert_eq!(said["responses"], json!([{ "status": "200", "type": JSON, "schema": tree }]));
        assert_eq!(said["requestDefinitions"]["Tree"]["properties"]["children"]["items"], tree);
        assert_eq!(said["requestDefinitions"]["Tree"]["required"], json!(["name"]));
        assert_eq!(said["responseDefinitions"]["Tree"]["required"], json!(["name", "children"]));
        assert_eq!(said["missing"], json!([]));
    }

    #[test]
    fn wrappers_say_what_is_optional() {
        let said = described!(Option<Header<ContentLength, u64>>, Option<Json<u8>> => Option<(u16, String)>);
        let header =
            json!({ "in": "header", "name": "content-length", "required": false, "schema": { "type": "integer" } });
        assert_eq!(said["arguments"][0], header);
        assert_eq!(said["arguments"][1]["required"], false);
        let statuses: Vec<&str> =
            said["responses"].as_array().unwrap().iter().filter_map(|response| response["status"].as_str()).collect();
        assert_eq!(statuses, ["2XX", "404"]);
        let said = described!(Batch<String> => ());
        assert_eq!(said["arguments"][0]["schema"], json!({ "type": "array", "items": { "type": "string" } }));
    }

    #[test]
    fn a_return_type_that_only_the_running_function_knows_is_named() {
        let any = json!([{ "status": "2XX", "type": ANY, "schema": true }]);
        for (said, name) in [
            (described!( => Response), "Response"),
            (described!( => Result<Response, Problem>), "Response"),
            (described!( => NoSchema), "NoSchema"),
        ] {
            assert_eq!(said["responses"], any);
            assert!(said["opaque"].as_str().unwrap().ends_with(name), "{said}");
        }
        assert_eq!(described!( => Result<Option<String>, Problem>)["opaque"], Value::Null);
    }

    #[test]
    fn a_type_without_a_schema_is_named() {
        let said = described!(NoSchema, Query<NoSchema>, Json<NoSchema> => Result<Json<NoSchema>, Problem>);
        let missing: Vec<&str> = said["missing"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(missing.len(), 3, "{missing:?}");
        assert!(missing.iter().all(|name| name.contains("NoSchema")), "{missing:?}");
        assert_eq!(said["arguments"].as_array().unwrap().len(), 2);
        assert_eq!(said["responses"], json!([{ "status": "200", "type": JSON, "schema": true }]));
    }
}
