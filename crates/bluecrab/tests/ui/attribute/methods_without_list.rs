use bluecrab::http;

#[http(methods = "GET")]
fn rows() {}

fn main() {}
