//! Refuses files that are cut off. The crate `image` would decode the beginning of a JPEG.

use bluecrab::Bytes;
use image::ImageFormat;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// Returns the file and its format if it is a complete JPEG or PNG.
pub fn checked(body: Bytes) -> Result<(Bytes, ImageFormat), &'static str> {
    if body.starts_with(PNG) {
        let png =
            pixels_of_png(&body).ok_or("the body is not a picture: the chunks of the PNG do not end with the file")?;
        Ok((png.into(), ImageFormat::Png))
    } else if !body.starts_with(JPEG) {
        Err("the body is not a picture: expected a JPEG or PNG")
    } else if has_end(&body) {
        Ok((body, ImageFormat::Jpeg))
    } else {
        Err("the body is not a picture: the JPEG is cut off")
    }
}

/// Keeps only the chunks of a PNG that define its pixels, because a colour profile could inflate to any length.
fn pixels_of_png(png: &[u8]) -> Option<Vec<u8>> {
    let (signature, mut rest) = png.split_at_checked(PNG.len())?;
    let mut kept = signature.to_vec();
    loop {
        let length = u32::from_be_bytes(*rest.first_chunk()?);
        // Besides its data, a chunk has 12 bytes: the length, the name and the checksum.
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

/// Whether a JPEG has its end marker. A picture inside the file, such as the camera's thumbnail, has its own end
/// marker, which does not count.
fn has_end(mut rest: &[u8]) -> bool {
    // The data of a scan have no length. In them, 0 or a restart marker follows each 0xff.
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
