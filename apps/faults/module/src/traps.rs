//! What ends in a trap.

use bluecrab::http;
use std::hint::black_box;

/// A panic.
#[http(methods = ["POST"])]
fn panics(text: String) {
    panic!("on purpose: {text}");
}

/// The same on the event loop's own thread.
#[http(methods = ["POST"], run = "inline")]
fn panics_inline(text: String) {
    panic!("on purpose: {text}");
}

/// The instruction `unreachable`.
#[http(methods = ["POST"])]
fn unreachable() {
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
}

/// A read through a pointer out of the memory.
#[http(methods = ["POST"])]
fn out_of_bounds() -> String {
    let wild = black_box(usize::MAX - 0xffff) as *const u8;
    // SAFETY: none: it is the fault. WebAssembly traps at an address out of the memory.
    let byte = unsafe { wild.read_volatile() };
    byte.to_string()
}

/// Recursion without end.
#[http(methods = ["POST"])]
fn stack_overflow() -> String {
    deeper(0).to_string()
}

#[allow(unconditional_recursion, reason = "it is the fault")]
fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 32]);
    deeper(depth + 1) + frame[black_box(7)]
}
