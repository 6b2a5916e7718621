//! Reads and writes the heads that cross the ABI: `docs/abi.md`, section 3.

use crate::head::RequestHead;

/// Reads a request head. No bytes are an empty head.
pub fn read_head(head: &[u8]) -> serde_json::Result<RequestHead> {
    if head.is_empty() { Ok(RequestHead::default()) } else { serde_json::from_slice(head) }
}

/// Writes a response head. Without header fields the head has no bytes.
pub fn print_head(headers: &[(String, String)]) -> Vec<u8> {
    if headers.is_empty() {
        return Vec::new();
    }
    let mut head = br#"{"headers":"#.to_vec();
    // Writing texts to memory cannot fail.
    drop(serde_json::to_writer(&mut head, headers));
    head.push(b'}');
    head
}
