use bluecrab::http;

#[http(methods = ["FETCH"])]
fn rows() {}

fn main() {}
