use bluecrab::http;

/// The empty function: what the Rust path costs by itself.
#[http(methods = ["GET"])]
pub fn hello_rust() -> &'static str {
    "Hello from Rust"
}
