use bluecrab::http;

#[http(name = "7 rows")]
fn rows() {}

fn main() {}
