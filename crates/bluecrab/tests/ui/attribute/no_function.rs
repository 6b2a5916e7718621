use bluecrab::http;

#[http]
struct Rows;

fn main() {}
