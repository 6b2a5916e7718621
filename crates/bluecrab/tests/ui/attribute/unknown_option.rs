use bluecrab::http;

#[http(path = "rows")]
fn rows() {}

fn main() {}
