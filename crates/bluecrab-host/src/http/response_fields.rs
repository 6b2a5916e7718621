//! Which header fields of a response may be sent.

/// Says why a header field cannot be sent, and how to write it; nothing if it can.
///
/// Printable ASCII can. The front server of the platform refuses everything else in a response, a tab too.
pub fn refusal(name: &str, value: &[u8]) -> Option<String> {
    let is_printable = |byte: &u8| (b' '..=b'~').contains(byte);
    let wrong = *value.iter().find(|byte| !is_printable(byte))?;
    let what = match wrong {
        b'\t' => "a tab".to_owned(),
        0x80.. => "a character that is not ASCII".to_owned(),
        control => format!("the control character 0x{control:02x}"),
    };
    Some(format!(
        "the response header {name:?} has {what}: write it percent-encoded (encodeURIComponent), a file's name in \
         content-disposition as filename*=UTF-8''caf%C3%A9.txt"
    ))
}
