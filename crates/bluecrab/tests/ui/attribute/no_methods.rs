use bluecrab::http;

#[http(methods = [])]
fn rows() {}

fn main() {}
