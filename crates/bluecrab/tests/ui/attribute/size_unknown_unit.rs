use bluecrab::http;

#[http(max_body = "10MB")]
fn rows() {}

fn main() {}
