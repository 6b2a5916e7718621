use bluecrab::http;

#[http(methods = ["GET", "GET"])]
fn rows() {}

fn main() {}
