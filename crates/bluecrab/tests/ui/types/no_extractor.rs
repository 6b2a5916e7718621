use bluecrab::http;

#[http]
fn rows(_count: u32) {}

fn main() {}
