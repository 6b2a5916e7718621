//! Files that are whole: `image` also shows the beginning of a JPEG that is cut off.

use bluecrab::Bytes;
use image::ImageFormat;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// The file and its format, if it is a whole JPEG or PNG.
pub fn checked(body: Bytes) -> Result<(Bytes, ImageFormat), &'static str> {
    if body.starts_with(PNG) {
        let png = pixels_of_png(&body).ok_or("not a picture: its chunks do not end with the file")?;
        Ok((png.into(), ImageFormat::Png))
    } else if !body.starts_with(JPEG) {
        Err("not a picture: a JPEG or PNG is expected")
    } else if has_end(&body) {
        Ok((body, ImageFormat::Jpeg))
    } else {
        Err("not a picture: the JPEG is cut off")
    }
}

/// A PNG with the chunks that make its pixels only: a colour profile may inflate to any length.
fn pixels_of_png(png: &[u8]) -> Option<Vec<u8>> {
    let (signature, mut rest) = png.split_at_checked(PNG.len())?;
    let mut kept = signature.to_vec();
    loop {
        let length = u32::from_be_bytes(*rest.first_chunk()?);
        // Its length, its name of four letters, the data, and a sum of four bytes.
        let (chunk, after) = rest.split_at_checked(usize::try_from(length).ok()?.checked_add(12)?)?;
        let name = &chunk[4..8];
        let is_critical = name[0].is_ascii_uppercase();
        if is_critical || name == b"tRNS" {
            kept.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            return after.is_empty().then_some(kept);
        }
        rest = after;
    }
}

/// Whether a JPEG has its last marker. Pictures within it, such as a camera's own thumbnail, have one too.
fn has_end(mut rest: &[u8]) -> bool {
    // The data of a scan have no length; in them, 0xff stands before 0 or a number that restarts the decoder.
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff | 0xd0..=0xd8);
    while let Some(at) = rest.windows(2).position(is_marker) {
        if rest[at + 1] == 0xd9 {
            return true;
        }
        rest = &rest[at + 2..];
        let Some(length) = rest.first_chunk() else { return false };
        let Some(after) = rest.get(usize::from(u16::from_be_bytes(*length))..) else { return false };
        rest = after;
    }
    false
}
