use bluecrab::http;

#[http(run = "inline", inline_up_to = "64KiB")]
fn rows() {}

fn main() {}
