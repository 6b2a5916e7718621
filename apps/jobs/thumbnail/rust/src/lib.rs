//! Makes thumbnails of pictures.

mod resample;
mod whole;

use bluecrab::{Bytes, Problem, Response, http};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};
use std::io::Cursor;

const WIDTH: u32 = 160;
const HEIGHT: u32 = 120;

/// The largest picture. Without a limit, a small file could contain a picture of any size.
const MAX_PIXELS: u64 = 25_000_000;

/// Makes a thumbnail of a JPEG or PNG, as a PNG.
#[http(methods = ["POST"])]
pub fn thumbnail(body: Bytes) -> Result<Response, Problem> {
    let picture = decode(body)?;
    let thumbnail = resample::resample(&picture.to_rgba8(), WIDTH, HEIGHT);
    let thumbnail = DynamicImage::from(thumbnail);
    let thumbnail = if picture.color().has_alpha() { thumbnail } else { thumbnail.into_rgb8().into() };
    let mut png = Cursor::new(Vec::new());
    thumbnail.write_to(&mut png, ImageFormat::Png)?;
    Ok(Response::new(png.into_inner()).with_header("content-type", "image/png"))
}

/// Decodes a picture, and turns a photograph upright as its EXIF data say.
fn decode(body: Bytes) -> Result<DynamicImage, Problem> {
    let (bytes, format) = whole::checked(body).map_err(Problem::bad_request)?;
    let mut decoder = ImageReader::with_format(Cursor::new(&*bytes), format).into_decoder().map_err(problem)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Problem::new(
            413,
            format!("the picture is too large: {width}x{height} pixels are more than {MAX_PIXELS}"),
        ));
    }
    let orientation = match format {
        ImageFormat::Jpeg => decoder.orientation().map_err(problem)?,
        _ => Orientation::NoTransforms,
    };
    let mut picture = DynamicImage::from_decoder(decoder).map_err(problem)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn problem(error: ImageError) -> Problem {
    match error {
        ImageError::Limits(error) => Problem::new(413, format!("the picture is too large: {error}")),
        error => Problem::bad_request(format!("the body is not a picture: {error}")),
    }
}
