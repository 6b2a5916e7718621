use bluecrab::http;

#[http(max_memory = "8GiB")]
fn rows() {}

fn main() {}
