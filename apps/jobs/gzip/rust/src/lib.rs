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

/// Decompresses the body. It may have several members, and zeros after the last, which fill up a block of a tape.
#[http(methods = ["POST"])]
pub fn gunzip(body: Bytes) -> Result<Vec<u8>, Problem> {
    let (mut content, mut rest) = (Vec::new(), &body[..]);
    loop {
        let mut member = GzDecoder::new(rest);
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

fn problem(error: io::Error) -> Problem {
    if error.kind() == io::ErrorKind::OutOfMemory {
        return too_long();
    }
    Problem::bad_request(format!("the body is not gzip: {error}"))
}

fn too_long() -> Problem {
    Problem::new(413, format!("the content is longer than {MAX_CONTENT} bytes"))
}
