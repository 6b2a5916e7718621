//! Checks the header fields of responses.

/// Returns why a header field cannot be sent and how to write it instead, or `None` if the field is valid.
///
/// Only printable ASCII is valid. The platform's front-end server refuses every other character in a response,
/// including the tab.
pub fn refusal(name: &str, value: &[u8]) -> Option<String> {
    let is_printable = |byte: &u8| (b' '..=b'~').contains(byte);
    let wrong = *value.iter().find(|byte| !is_printable(byte))?;
    let what = match wrong {
        b'\t' => "a tab".to_owned(),
        0x80.. => "a character that is not ASCII".to_owned(),
        control => format!("the control character 0x{control:02x}"),
    };
    Some(format!(
        "the response header {name:?} contains {what}: percent-encode the value (encodeURIComponent); write a file name \
         in content-disposition as filename*=UTF-8''caf%C3%A9.txt"
    ))
}
