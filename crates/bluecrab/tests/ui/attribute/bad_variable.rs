use bluecrab::http;

#[http(env = ["A=B"])]
fn rows() {}

fn main() {}
