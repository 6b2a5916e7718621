//! Pictures that are uploaded as blobs become three sizes and a BlurHash.

mod answers;
mod resize;

use bluecrab::{Inputs, Json, Outputs, queue, timer};
use serde::{Deserialize, Serialize};

/// The partitions of the table `pictures`.
const DONE: &str = "done";
const FAILED: &str = "failed";

/// A row of the table `pictures`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Row {
    partition_key: String,
    row_key: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blur_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Replaces a row of this name, because a picture may be uploaded again.
    #[serde(rename = "etag", default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
}

impl Row {
    fn replacing(partition: &str, name: String) -> Self {
        Self {
            partition_key: partition.to_owned(),
            // A key cannot contain these characters.
            row_key: name.replace(['/', '\\', '#', '?'], "|"),
            name,
            width: None,
            height: None,
            blur_hash: None,
            reason: None,
            etag: Some("*".to_owned()),
        }
    }
}

/// A message for a picture that could not be resized.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    name: String,
    reason: String,
}

/// The output of `note-failure`.
#[derive(Outputs)]
pub struct Noted {
    #[table("pictures")]
    row: Json<Row>,
}

/// Lists a failure in the table.
#[queue("pictures-failed")]
pub fn note_failure(Json(failure): Json<Failure>) -> Noted {
    Noted { row: Json(Row { reason: Some(failure.reason), ..Row::replacing(FAILED, failure.name) }) }
}

/// All rows of the table.
#[derive(Inputs)]
pub struct Rows {
    #[table("pictures", take = 1000)]
    rows: Option<Json<Vec<Row>>>,
}

impl Rows {
    fn into_vec(self) -> Vec<Row> {
        self.rows.map(|Json(rows)| rows).unwrap_or_default()
    }
}

/// What the report says.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pictures: usize,
    failed: usize,
    pixels: u64,
}

/// Writes a report every five minutes.
#[timer("0 */5 * * * *", output = blob("reports/latest.json"))]
pub fn report(rows: Rows) -> Json<Report> {
    let (done, failed): (Vec<Row>, Vec<Row>) = rows.into_vec().into_iter().partition(|row| row.partition_key == DONE);
    let pixels = done.iter().map(|row| u64::from(row.width.unwrap_or(0)) * u64::from(row.height.unwrap_or(0))).sum();
    Json(Report { pictures: done.len(), failed: failed.len(), pixels })
}

#[cfg(test)]
mod tests;
