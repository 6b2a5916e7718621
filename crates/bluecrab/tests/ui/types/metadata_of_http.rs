use bluecrab::http;
use bluecrab::metadata::DequeueCount;

#[http]
fn rows(_count: DequeueCount) {}

fn main() {}
