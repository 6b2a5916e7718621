//! Makes thumbnails of pictures.

use bluecrab::{Bytes, Problem, Response, http};

const WIDTH: u32 = 160;
const HEIGHT: u32 = 120;

/// Makes a thumbnail of a JPEG or PNG, as a PNG.
#[http(methods = ["POST"])]
pub fn thumbnail(body: Bytes) -> Result<Response, Problem> {
    let thumbnail = picture::scale(&picture::decode(body)?, WIDTH, HEIGHT);
    Ok(Response::new(picture::png(&thumbnail)?).with_header("content-type", "image/png"))
}
