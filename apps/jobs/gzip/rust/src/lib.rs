//! Bytes compressed with gzip, and decompressed.

use bluecrab::{Bytes, Problem, Response, http};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use std::io::{Read, Write};

/// The body, compressed at the usual level.
#[http(methods = ["POST"])]
pub fn gzip(body: Bytes) -> Result<Response, Problem> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&body)?;
    Ok(Response::new(encoder.finish()?).with_header("content-type", "application/gzip"))
}

/// The body, decompressed.
#[http(methods = ["POST"])]
pub fn gunzip(body: Bytes) -> Result<Vec<u8>, Problem> {
    let mut content = Vec::new();
    let read = MultiGzDecoder::new(&body[..]).read_to_end(&mut content);
    read.map_err(|error| Problem::bad_request(format!("not gzip: {error}")))?;
    Ok(content)
}
