use bluecrab::http;

#[http(run = "thread")]
fn rows() {}

fn main() {}
