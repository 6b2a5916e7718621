//! Reads and writes the heads that cross the ABI: `docs/abi.md`, section 3.

use crate::head::RequestHead;

/// Reads a request head. No bytes are an empty head.
///
/// # Errors
/// Fails if the bytes are not the JSON of a head.
pub fn read_head(head: &[u8]) -> Result<RequestHead, bluecrab_json::Error> {
    if head.is_empty() { Ok(RequestHead::default()) } else { bluecrab_json::from_slice(head) }
}

/// Writes a response head. Without header fields the head has no bytes.
pub fn print_head(headers: &[(String, String)]) -> Vec<u8> {
    if headers.is_empty() {
        return Vec::new();
    }
    let mut head = br#"{"headers":"#.to_vec();
    // Printing texts cannot fail.
    head.extend(bluecrab_json::to_vec(headers).unwrap_or_default());
    head.push(b'}');
    head
}
