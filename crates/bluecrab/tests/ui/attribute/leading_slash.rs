use bluecrab::http;

#[http(route = "/rows")]
fn rows() {}

fn main() {}
