//! Bytes compressed with gzip, and decompressed.

use bluecrab::{Bytes, Problem, Response, http};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{self, Read, Write};

/// The body, compressed at the usual level.
#[http(methods = ["POST"])]
pub fn gzip(body: Bytes) -> Result<Response, Problem> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&body)?;
    Ok(Response::new(encoder.finish()?).with_header("content-type", "application/gzip"))
}

/// A small body can have a content of any length.
const MAX_CONTENT: usize = (256 << 20) - 1;

/// The body, decompressed: members one after another, behind which zeros may fill a block of a tape.
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
    Problem::bad_request(format!("not gzip: {error}"))
}

fn too_long() -> Problem {
    Problem::new(413, format!("the content is longer than {MAX_CONTENT} bytes"))
}
