use bluecrab::http;

#[http]
fn rows() -> impl std::fmt::Display {
    1.0
}

fn main() {}
