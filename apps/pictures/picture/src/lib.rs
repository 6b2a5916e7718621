//! Decodes pictures, scales them as the npm package jimp does, and writes them as PNG.

mod resample;
mod whole;

use bluecrab::{Bytes, Problem};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};
use std::io::Cursor;

/// The largest picture. Without a limit, a small file could contain a picture of any size.
const MAX_PIXELS: u64 = 25_000_000;

/// Decodes a JPEG or PNG, and turns a photograph upright as its EXIF data say.
///
/// # Errors
/// Returns a problem with status 400 if the file is not a complete picture, and with 413 if it has more than 25 million
/// pixels.
pub fn decode(file: Bytes) -> Result<DynamicImage, Problem> {
    let (bytes, format) = whole::checked(file).map_err(Problem::bad_request)?;
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

/// Scales a picture to another size, as jimp does.
pub fn scale(picture: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    let scaled = DynamicImage::from(resample::resample(&picture.to_rgba8(), width, height));
    if picture.color().has_alpha() { scaled } else { scaled.into_rgb8().into() }
}

/// Returns the picture as a PNG file.
///
/// # Errors
/// Returns an error if the picture has no pixels.
pub fn png(picture: &DynamicImage) -> Result<Vec<u8>, ImageError> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

fn problem(error: ImageError) -> Problem {
    match error {
        ImageError::Limits(error) => Problem::new(413, format!("the picture is too large: {error}")),
        error => Problem::bad_request(format!("the body is not a picture: {error}")),
    }
}
