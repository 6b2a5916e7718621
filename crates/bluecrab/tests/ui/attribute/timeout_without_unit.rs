use bluecrab::http;

#[http(timeout = 30)]
fn rows() {}

fn main() {}
