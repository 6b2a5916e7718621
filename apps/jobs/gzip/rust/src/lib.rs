//! Compresses and decompresses bytes with gzip.

use bluecrab::{Bytes, Problem, Response, http};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{self, Read, Write};

/// Compresses the body at the default level.
#[http(methods = ["POST"])]
pub fn gzip(body: Bytes) -> Result<Response, Problem> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&body)?;
    Ok(Response::new(encoder.finish()?).with_header("content-type", "application/gzip"))
}

/// The longest content. Without a limit, a small body could decompress to any length.
const MAX_CONTENT: usize = (256 << 20) - 1;

/// The longest content for which a buffer is reserved.
const MOST_RESERVED: usize = 1 << 20;

/// Decompresses the body. It may have several members, and zeros after the last, which fill up a block of a tape.
#[http(methods = ["POST"])]
pub fn gunzip(body: Bytes) -> Result<Vec<u8>, Problem> {
    let (mut content, mut rest) = (Vec::new(), &body[..]);
    loop {
        let mut member = GzDecoder::new(rest);
        if content.capacity() == 0 {
            content.reserve(short_length(rest));
        }
        let room = MAX_CONTENT + 1 - content.len();
        member.by_ref().take(room as u64).read_to_end(&mut content).map_err(problem)?;
        if content.len() > MAX_CONTENT {
            return Err(too_long());
        }
        rest = member.into_inner();
        if rest.first().is_none_or(|byte| *byte == 0) {
            return Ok(content);
        }
    }
}

/// Returns the length of the content that the last bytes declare, or 0 if it is long. The bytes may be wrong. The
/// length is rounded up to a power of two, so that a buffer that doubles fits [`MAX_CONTENT`].
fn short_length(body: &[u8]) -> usize {
    let declared = body.last_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize);
    if declared > MOST_RESERVED { 0 } else { declared.next_power_of_two() }
}

fn problem(error: io::Error) -> Problem {
    if error.kind() == io::ErrorKind::OutOfMemory {
        return too_long();
    }
    Problem::bad_request(format!("the body is not gzip: {error}"))
}

fn too_long() -> Problem {
    Problem::new(413, format!("the content is longer than {MAX_CONTENT} bytes"))
}
