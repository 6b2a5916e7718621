//! Functions that trap.

use bluecrab::http;
use std::hint::black_box;

/// Panics.
#[http(methods = ["POST"])]
fn panics(text: String) {
    panic!("on purpose: {text}");
}

/// Executes the instruction `unreachable`.
#[http(methods = ["POST"])]
fn unreachable() {
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
}

/// Reads from an address outside of the memory.
#[http(methods = ["POST"])]
fn out_of_bounds() -> String {
    let wild = black_box(usize::MAX - 0xffff) as *const u8;
    // SAFETY: this read is not sound, on purpose. WebAssembly traps at an address outside of the memory.
    let byte = unsafe { wild.read_volatile() };
    byte.to_string()
}

/// Calls itself without end.
#[http(methods = ["POST"])]
fn stack_overflow() -> String {
    deeper(0).to_string()
}

#[allow(unconditional_recursion, reason = "the test needs the recursion")]
pub fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 32]);
    deeper(depth + 1) + frame[black_box(7)]
}
