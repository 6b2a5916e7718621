use bluecrab::http;

#[http(timeout = "0s")]
fn rows() {}

fn main() {}
