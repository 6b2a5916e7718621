use bluecrab::http;

#[http(name = "a", name = "b")]
fn rows() {}

fn main() {}
