//! The functions that clients call.

use crate::{DONE, Row, Rows};
use bluecrab::{Bytes, Inputs, Json, Outputs, Problem, Response, http};
use serde::Serialize;

/// An uploaded picture.
#[derive(Outputs)]
pub struct Uploaded {
    #[response]
    answer: (u16, &'static str),
    #[blob("pictures/{name}")]
    picture: Bytes,
}

/// Stores a picture. `resize` is then called with it.
#[http(methods = ["PUT"], route = "pictures/{name}", max_body = "20MiB")]
pub fn upload(picture: Bytes) -> Uploaded {
    Uploaded { answer: (202, "the picture will be resized\n"), picture }
}

/// A row of the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase", untagged)]
enum Listed {
    #[serde(rename_all = "camelCase")]
    Done {
        name: String,
        width: Option<u32>,
        height: Option<u32>,
        blur_hash: Option<String>,
    },
    Failed {
        name: String,
        reason: Option<String>,
    },
}

impl From<Row> for Listed {
    fn from(Row { partition_key, name, width, height, blur_hash, reason, .. }: Row) -> Self {
        if partition_key == DONE {
            Self::Done { name, width, height, blur_hash }
        } else {
            Self::Failed { name, reason }
        }
    }
}

/// Lists the pictures and the failures.
#[http(methods = ["GET"], route = "pictures")]
pub fn list(rows: Rows) -> Json<impl Serialize> {
    Json(rows.into_vec().into_iter().map(Listed::from).collect::<Vec<_>>())
}

/// A picture in one of its sizes.
#[derive(Inputs)]
pub struct Sized {
    #[blob("sizes/{size}/{name}")]
    picture: Option<Bytes>,
}

/// Returns a picture as PNG. The size is `large`, `medium` or `small`.
#[http(methods = ["GET"], route = "pictures/{name}/{size}")]
pub fn picture(Sized { picture }: Sized) -> Result<Response, Problem> {
    let picture = picture.ok_or_else(|| Problem::not_found("there is no such picture in this size"))?;
    Ok(Response::new(picture).with_header("content-type", "image/png"))
}

/// The blob with the last report.
#[derive(Inputs)]
pub struct Latest {
    #[blob("reports/latest.json")]
    report: Option<Bytes>,
}

/// Returns the last report.
#[http(methods = ["GET"], route = "report")]
pub fn latest_report(Latest { report }: Latest) -> Result<Response, Problem> {
    let report = report.ok_or_else(|| Problem::not_found("there is no report yet"))?;
    Ok(Response::new(report).with_header("content-type", "application/json"))
}
