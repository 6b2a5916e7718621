//! Resizes a picture.

use crate::{DONE, Failure, Row};
use bluecrab::{Bytes, Json, Outputs, Path, Problem, blob};
use image::DynamicImage;

// The longest side of each size, in pixels.
const LARGE: u32 = 1024;
const MEDIUM: u32 = 320;
const SMALL: u32 = 64;
/// How many components a BlurHash has, in width and height.
const COMPONENTS: (u32, u32) = (4, 3);

/// The three sizes and a row of the table; or a message that says what is wrong with the picture.
#[derive(Default, Outputs)]
pub struct Made {
    #[blob("sizes/large/{name}")]
    large: Option<Bytes>,
    #[blob("sizes/medium/{name}")]
    medium: Option<Bytes>,
    #[blob("sizes/small/{name}")]
    small: Option<Bytes>,
    #[table("pictures")]
    row: Option<Json<Row>>,
    #[queue("pictures-failed")]
    failure: Option<Json<Failure>>,
}

/// Makes three sizes and a BlurHash. A file that is not a picture would fail at each attempt, so its failure is a
/// message instead.
#[blob("pictures/{name}", timeout = "2m")]
pub fn resize(Path(name): Path<String>, file: Bytes) -> Result<Made, Problem> {
    let picture = match picture::decode(file) {
        Ok(picture) => picture,
        Err(problem) => {
            let failure = Failure { name, reason: problem.detail().to_owned() };
            return Ok(Made { failure: Some(Json(failure)), ..Made::default() });
        }
    };
    let small = within(&picture, SMALL);
    let pixels = small.to_rgba8();
    let blur_hash = blurhash::encode(COMPONENTS.0, COMPONENTS.1, small.width(), small.height(), &pixels)?;
    let row = Row {
        width: Some(picture.width()),
        height: Some(picture.height()),
        blur_hash: Some(blur_hash),
        ..Row::replacing(DONE, name)
    };
    Ok(Made {
        large: Some(picture::png(&within(&picture, LARGE))?.into()),
        medium: Some(picture::png(&within(&picture, MEDIUM))?.into()),
        small: Some(picture::png(&small)?.into()),
        row: Some(Json(row)),
        failure: None,
    })
}

/// Reduces a picture until its longest side has `side` pixels. Never enlarges it.
fn within(picture: &DynamicImage, side: u32) -> DynamicImage {
    let (width, height) = (picture.width(), picture.height());
    let longest = width.max(height);
    if longest <= side {
        return picture.clone();
    }
    let reduced = |length: u32| ((length * side + longest / 2) / longest).max(1);
    picture::scale(picture, reduced(width), reduced(height))
}
