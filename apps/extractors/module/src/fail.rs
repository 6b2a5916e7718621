//! Every failure that ends an instance.

use bluecrab::{Bytes, Path, http};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

static FAILED: AtomicBool = AtomicBool::new(false);

fn fail() {
    FAILED.store(true, Ordering::Relaxed);
}

/// Whether this instance has failed before. The answer must always be `false`, because an instance ends when it fails.
#[http(methods = ["GET"])]
pub fn fail_before() -> String {
    FAILED.load(Ordering::Relaxed).to_string()
}

/// Panics with a message.
#[http(methods = ["GET"], route = "fail-panic/{secret}")]
pub fn fail_panic(Path(secret): Path<String>) {
    fail();
    eprint!("printed before the panic");
    panic!("the secret is {secret}");
}

/// Reads an index out of bounds.
#[http(methods = ["POST"])]
pub fn fail_index(body: Bytes) -> String {
    fail();
    body[black_box(99)].to_string()
}

/// Calls itself without end.
#[http(methods = ["GET"])]
pub fn fail_stack() -> String {
    fail();
    deeper(0).to_string()
}

#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 32]);
    deeper(depth + 1) + frame[black_box(7)]
}

/// Executes the instruction `unreachable`.
#[http(methods = ["GET"])]
pub fn fail_unreachable() {
    fail();
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
}

/// Exits the program.
#[http(methods = ["GET"])]
pub fn fail_exit() {
    fail();
    std::process::exit(3);
}

/// Allocates more memory than a module can have.
#[http(methods = ["GET"])]
pub fn fail_memory() -> String {
    fail();
    black_box(vec![1_u8; black_box(usize::MAX / 2)]).len().to_string()
}
