use bluecrab::http;

#[http(route = "rows/{id")]
fn rows() {}

fn main() {}
