use bluecrab::http;
use bluecrab::{Bytes, Json};

#[http]
fn rows(_one: Bytes, _two: Json<u32>) {}

fn main() {}
