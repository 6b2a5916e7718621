use bluecrab::http;

#[http(run = "inline")]
fn rows() {}

fn main() {}
