//! HTTP functions with inputs, outputs and invocations.

use bluecrab::metadata::{InvocationId, TraceContext};
use bluecrab::{Bytes, Inputs, Json, Outputs, Path, Problem, http};
use serde_json::{Value, json};

/// A response, and messages for a queue.
#[derive(Outputs)]
pub struct Queued {
    #[response]
    answer: (u16, String),
    #[queue("http-out")]
    messages: Vec<String>,
}

/// Writes each line of the body as a message.
#[http(methods = ["POST"])]
pub fn http_outputs(lines: String) -> Result<Queued, Problem> {
    let messages: Vec<String> = lines.lines().map(str::to_owned).collect();
    if messages.is_empty() {
        return Err(Problem::bad_request("there is no line"));
    }
    Ok(Queued { answer: (202, format!("{} messages", messages.len())), messages })
}

/// A blob and a row of a table.
#[derive(Inputs)]
pub struct Found {
    #[blob("pictures/{name}")]
    picture: Bytes,
    #[table("people", partition_key = "staff", row_key = "{name}")]
    person: Option<Json<Value>>,
}

/// Returns what the inputs have.
#[http(methods = ["POST"], route = "http-inputs/{name}")]
pub fn http_inputs(Path(name): Path<String>, found: Found, body: Bytes) -> Json<Value> {
    let person = found.person.map(|Json(person)| person);
    Json(json!({ "name": name, "picture": found.picture.len(), "person": person, "body": body.len() }))
}

/// Returns the invocation's id and the trace.
#[http(methods = ["GET"])]
pub fn http_invocation(InvocationId(id): InvocationId, trace: TraceContext) -> Json<Value> {
    Json(json!({ "id": id, "traceparent": trace.traceparent }))
}
