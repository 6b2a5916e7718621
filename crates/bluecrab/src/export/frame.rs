//! Heads as they cross the boundary, `docs/abi.md`, section 3.

use crate::head::RequestHead;

/// Reads a request head; of no bytes, an empty one.
pub fn read_head(head: &[u8]) -> serde_json::Result<RequestHead> {
    if head.is_empty() { Ok(RequestHead::default()) } else { serde_json::from_slice(head) }
}

/// Prints a response head; of no header fields, nothing.
pub fn print_head(headers: &[(String, String)]) -> Vec<u8> {
    if headers.is_empty() {
        return Vec::new();
    }
    let mut head = br#"{"headers":"#.to_vec();
    // Texts into memory: neither can fail.
    drop(serde_json::to_writer(&mut head, headers));
    head.push(b'}');
    head
}
