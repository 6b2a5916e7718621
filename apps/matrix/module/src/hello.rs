use bluecrab::http;

/// Does nothing. It measures what a call of Rust costs without any work.
#[http(methods = ["GET"])]
pub fn hello_rust() -> &'static str {
    "Hello from Rust"
}
