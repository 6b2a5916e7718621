use bluecrab::http;

#[http]
fn rows<T: Default>() {}

fn main() {}
