use bluecrab::header::{Header, HeaderName};
use bluecrab::http;

enum Version {}

impl HeaderName for Version {
    const NAME: &'static str = "X-Version";
}

#[http]
fn rows(_version: Header<Version>) {}

fn main() {}
