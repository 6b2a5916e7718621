//! The functions that the tests call after every fault.

use bluecrab::{Bytes, http};

/// Returns the FNV-1a hash of the body and its length. The hash reveals a wrong byte, a lost byte or another call's
/// body.
#[http(methods = ["POST"])]
fn good(body: Bytes) -> String {
    let hash = body.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    format!("{hash:08x} {}", body.len())
}

/// Does the same for small bodies only.
#[http(methods = ["POST"], max_body = "64KiB")]
fn good_small(body: Bytes) -> String {
    good(body)
}
