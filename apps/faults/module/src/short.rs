//! Functions whose calls are short, or fail in the way that the body names.

use crate::{memory, traps};
use bluecrab::http;

/// Panics, recurses without end, or exhausts the memory. Returns any other body.
#[http(methods = ["POST"])]
fn fails(text: String) -> String {
    match text.trim_end() {
        "panic" => panic!("on purpose"),
        "recursion" => traps::deeper(0).to_string(),
        "memory" => memory::exhaust(),
        _ => text,
    }
}

/// Loops until the deadline ends it. Returns any other body.
#[http(methods = ["POST"], timeout = "20ms")]
fn hangs(text: String) -> String {
    while text.trim_end() == "loop" {
        std::hint::spin_loop();
    }
    text
}
