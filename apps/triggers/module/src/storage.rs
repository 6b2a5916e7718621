//! Functions that timers, queues and blobs call.

use bluecrab::metadata::{Attempts, DequeueCount, InvocationId};
use bluecrab::{Bytes, Inputs, Json, Metadata, Outputs, Path, Problem, Timer, blob, queue, timer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Writes each message unchanged to another queue.
#[queue("echo-in", output = queue("echo-out"))]
pub fn queue_echo(message: Bytes) -> Bytes {
    message
}

/// A message of `queue_json`.
#[derive(Serialize, Deserialize)]
pub struct Job {
    id: u64,
    names: Vec<String>,
}

/// Reads a message as JSON and writes it again.
#[queue("json-in", output = queue("json-out"))]
pub fn queue_json(Json(mut job): Json<Job>) -> Json<Job> {
    job.names.sort();
    Json(job)
}

/// The picture that the message names, and a person, if there is one.
#[derive(Inputs)]
pub struct Found {
    #[blob("pictures/{queueTrigger}")]
    picture: Option<Bytes>,
    #[table("people", partition_key = "staff", row_key = "{queueTrigger}")]
    person: Option<Json<Value>>,
}

/// A blob, several messages, and a row of a table.
#[derive(Outputs)]
pub struct Made {
    #[blob("small/{queueTrigger}")]
    small_picture: Option<Bytes>,
    #[queue("work-out")]
    done: Vec<Json<Value>>,
    #[table("work")]
    row: Option<Json<Row>>,
}

/// A row of a table.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Row {
    partition_key: String,
    row_key: String,
    bytes: usize,
}

/// Reads a message, its metadata and two inputs, and writes three outputs.
#[queue("work-in")]
pub fn queue_work(
    found: Found,
    DequeueCount(count): DequeueCount,
    InvocationId(invocation): InvocationId,
    name: String,
) -> Result<Made, Problem> {
    let picture = found.picture.ok_or_else(|| Problem::not_found(format!("there is no picture {name}")))?;
    let person = found.person.map(|Json(person)| person);
    let done = |copy| Json(json!({ "copy": copy, "count": count, "invocation": invocation, "person": person }));
    Ok(Made {
        small_picture: Some(picture[..picture.len() / 2].into()),
        done: (1..=2).map(done).collect(),
        row: Some(Json(Row { partition_key: "work".to_owned(), row_key: name, bytes: picture.len() })),
    })
}

/// Fails in the way that the message names.
#[queue("fail-in", output = queue("fail-out"))]
pub fn queue_fail(way: String) -> Result<Option<String>, Problem> {
    match way.as_str() {
        "problem" => Err(Problem::new(422, "the message is a problem")),
        "internal" => Ok(Some("seven".parse::<u8>()?.to_string())),
        "panic" => panic!("the message panics"),
        "nothing" => Ok(None),
        _ => Ok(Some(way)),
    }
}

/// Writes what the timer says and the attempt, and fails the first attempt of each run.
#[timer("*/2 * * * * *", run_on_startup = true, retry = fixed_delay(3, "1s"), output = queue("timer-out"))]
pub fn timer_tick(attempts: Option<Attempts>, timer: Timer) -> Result<Json<Value>, Problem> {
    match attempts {
        Some(Attempts { count: 0, .. }) => Err(Problem::new(503, "the first attempt fails")),
        attempts => Ok(Json(json!({ "timer": timer, "attempt": attempts.map(|attempts| attempts.count) }))),
    }
}

/// A copy of a blob, and what the trigger said about it.
#[derive(Outputs)]
pub struct Copied {
    #[blob("copies/{name}.{extension}")]
    copy: Bytes,
    #[queue("blob-out")]
    described: Json<Value>,
}

/// Copies a blob.
#[blob("originals/{name}.{extension}")]
pub fn blob_copy(
    Path((name, extension)): Path<(String, String)>,
    Metadata(metadata): Metadata<Map<String, Value>>,
    blob: Bytes,
) -> Copied {
    let path = metadata.get("blobTrigger");
    let described = json!({ "name": name, "extension": extension, "bytes": blob.len(), "path": path });
    Copied { copy: blob, described: Json(described) }
}
