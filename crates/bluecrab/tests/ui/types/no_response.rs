use bluecrab::http;

#[http]
fn rows() -> f64 {
    1.0
}

fn main() {}
