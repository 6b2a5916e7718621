//! Thumbnails of pictures.

use bluecrab::{Bytes, Problem, Response, http};
use image::ImageFormat;
use std::io::Cursor;

const WIDTH: u32 = 160;
const HEIGHT: u32 = 120;

/// The thumbnail of a JPEG or PNG, as PNG.
#[http(methods = ["POST"])]
pub fn thumbnail(body: Bytes) -> Result<Response, Problem> {
    let picture =
        image::load_from_memory(&body).map_err(|error| Problem::bad_request(format!("not a picture: {error}")))?;
    let mut png = Cursor::new(Vec::new());
    picture.thumbnail_exact(WIDTH, HEIGHT).write_to(&mut png, ImageFormat::Png)?;
    Ok(Response::new(png.into_inner()).with_header("content-type", "image/png"))
}
