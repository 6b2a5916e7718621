//! What the macros say of a function's types, for `bluecrab types` and `bluecrab openapi`.

#![cfg(feature = "schemas")]
#![deny(warnings)]

use bluecrab::export::{Description, KnownResponse as _, Probe, UnknownResponse as _};
use bluecrab::{IntoResponse, Json, Outputs, Problem};
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
struct Generic<T: IntoResponse> {
    #[response]
    answer: T,
    #[queue("rows")]
    message: String,
}

macro_rules! described {
    ($response:ty) => {{
        let mut description = Description::new("");
        (&Probe::<$response>::new()).response(&mut description);
        description.into_response().read_json::<Value>().unwrap()
    }};
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
    let said = described!(Generic<String>);
    assert!(said["opaque"].as_str().unwrap().contains("Generic<"), "{said}");
    // They are functions' return types, too.
    let _ = Queued { row: (201, Json(Row { id: 1 })), messages: Vec::new() }.into_response();
    let _ = Quiet { message: String::new() }.into_response();
    let _ = Generic { answer: "", message: String::new() }.into_response();
}
