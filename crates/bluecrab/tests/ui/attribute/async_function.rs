use bluecrab::http;

#[http]
async fn rows() {}

fn main() {}
