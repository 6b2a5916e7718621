use bluecrab::http;

/// The empty function: what the Rust path costs by itself.
#[http(methods = ["GET"], run = "inline")]
pub fn hello_rust() -> &'static str {
    "Hello from Rust"
}
