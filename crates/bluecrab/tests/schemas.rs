//! What the macros say of a function's types, for `bluecrab types` and `bluecrab openapi`.

#![cfg(feature = "schemas")]
#![deny(warnings)]

use bluecrab::export::{Description, KnownArgument as _, KnownResponse as _, Probe, UnknownResponse as _};
use bluecrab::{IntoOutput, IntoResponse, Json, Multipart, Outputs, Problem, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize, JsonSchema)]
struct Row {
    id: u8,
}

#[derive(Outputs)]
struct Queued {
    #[response]
    row: (u16, Json<Row>),
    #[queue("rows")]
    messages: Vec<String>,
}

#[derive(Outputs)]
struct Quiet {
    #[queue("rows")]
    message: String,
}

#[derive(Outputs)]
struct Generic<T: Serialize, M: IntoOutput>
where
    M: Send,
{
    #[response]
    answer: (u16, Json<T>),
    #[queue("rows")]
    message: M,
}

/// Its response is not generic.
#[derive(Outputs)]
struct GenericMessage<M: IntoOutput> {
    #[response]
    answer: Response,
    #[queue("rows")]
    message: M,
}

#[derive(Serialize)]
struct NoSchema;

macro_rules! described {
    ($response:ty) => {{
        let mut description = Description::new("");
        (&Probe::<$response>::new()).response(&mut description);
        description.into_response().read_json::<Value>().unwrap()
    }};
}

#[test]
fn the_body_of_a_form_has_its_media_type() {
    let mut description = Description::new("");
    Probe::<Multipart>::new().argument(&mut description);
    let said = description.into_response().read_json::<Value>().unwrap();
    let body = json!({ "in": "body", "name": "multipart/form-data", "required": true, "schema": true });
    assert_eq!(said["arguments"], json!([body]));
}

#[test]
fn outputs_have_the_type_of_their_response() {
    let row = json!({ "$ref": "#/components/schemas/Row" });
    for said in [described!(Queued), described!(Result<Queued, Problem>)] {
        assert_eq!(said["responses"], json!([{ "status": "2XX", "type": "application/json", "schema": row }]));
        assert_eq!(said["responseDefinitions"]["Row"]["required"], json!(["id"]));
        assert_eq!(said["opaque"], Value::Null);
    }
    assert_eq!(described!(Quiet)["responses"], json!([{ "status": "204", "type": "", "schema": true }]));
    // They are functions' return types, too.
    let _ = Queued { row: (201, Json(Row { id: 1 })), messages: Vec::new() }.into_response();
    let _ = Quiet { message: String::new() }.into_response();
}

#[test]
fn generic_outputs_have_the_type_of_their_response() {
    let said = described!(Result<Generic<Row, String>, Problem>);
    let row = json!({ "$ref": "#/components/schemas/Row" });
    assert_eq!(said["responses"], json!([{ "status": "2XX", "type": "application/json", "schema": row }]));
    let said = described!(Generic<NoSchema, String>);
    assert!(said["opaque"].as_str().unwrap().contains("Generic<"), "{said}");
    assert_eq!(described!(GenericMessage<String>)["opaque"], "Response");
    let _ = Generic { answer: (201, Json(Row { id: 1 })), message: String::new() }.into_response();
    let _ = GenericMessage { answer: Response::new(""), message: String::new() }.into_response();
}
