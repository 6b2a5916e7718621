use bluecrab::http;

#[http(timeout = "1h")]
fn rows() {}

fn main() {}
