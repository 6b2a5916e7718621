//! Functions that allocate memory.

use bluecrab::{Problem, http};
use std::hint::black_box;

const MIB: usize = 1 << 20;

/// Allocates until the memory is exhausted, which ends the call.
#[http(methods = ["POST"], max_memory = "600MiB")]
fn memory_bomb() -> String {
    exhaust()
}

pub fn exhaust() -> String {
    let mut blocks = Vec::new();
    loop {
        blocks.push(black_box(vec![1_u8; 16 * MIB]));
        if blocks.len() > 1024 {
            return format!("{} blocks", blocks.len());
        }
    }
}

/// Allocates in a way that can fail, and returns a problem.
#[http(methods = ["POST"])]
fn memory_asked_for() -> Result<String, Problem> {
    let mut wanted: Vec<u8> = Vec::new();
    wanted
        .try_reserve_exact(1024 * MIB)
        .map_err(|_| Problem::new(413, "this needs a GiB of memory, which is not available"))?;
    Ok(black_box(wanted).capacity().to_string())
}

/// Fills the number of MiB that the body says.
#[http(methods = ["POST"])]
fn grows(mebibytes: String) -> Result<String, Problem> {
    let mebibytes: usize = mebibytes.parse().map_err(|_| Problem::bad_request("the body must be a number of MiB"))?;
    let filled = black_box(vec![1_u8; mebibytes * MIB]);
    Ok((filled.len() / MIB).to_string())
}
