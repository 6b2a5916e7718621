//! Copies texts into strings of their own.

/// Copies a text. Up to 32 bytes are copied as two words that may overlap, because V8 turns a copy of variable length
/// into a call.
#[inline(always)]
pub fn to_string(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut copy = Vec::with_capacity(bytes.len());
    match bytes.len() {
        0 => {}
        1..4 => {
            let (first, middle, last) = (bytes[0], bytes[bytes.len() / 2], bytes[bytes.len() - 1]);
            let out: *mut u8 = copy.as_mut_ptr();
            // SAFETY: the three places lie within the length, and the copy has this capacity.
            unsafe {
                out.write(first);
                out.add(bytes.len() / 2).write(middle);
                out.add(bytes.len() - 1).write(last);
            }
        }
        4..8 => copy_ends::<4>(bytes, &mut copy),
        8..16 => copy_ends::<8>(bytes, &mut copy),
        16..=32 => copy_ends::<16>(bytes, &mut copy),
        _ => return text.to_owned(),
    }
    // SAFETY: all bytes of the text have been copied, and the text is valid UTF-8.
    unsafe {
        copy.set_len(bytes.len());
        String::from_utf8_unchecked(copy)
    }
}

#[inline(always)]
fn copy_ends<const SIZE: usize>(bytes: &[u8], copy: &mut Vec<u8>) {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<SIZE>(), bytes.last_chunk::<SIZE>()) {
        let out = copy.as_mut_ptr();
        // SAFETY: the text has at least `SIZE` bytes, and the copy has its length as capacity.
        unsafe {
            out.cast::<[u8; SIZE]>().write(*first);
            out.add(bytes.len() - SIZE).cast::<[u8; SIZE]>().write(*last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_texts_of_any_length() {
        let text: String = (0..20).flat_map(|n| [char::from(b'a' + n), 'é']).collect();
        for (length, _) in text.char_indices().chain([(text.len(), ' ')]) {
            assert_eq!(to_string(&text[..length]), text[..length]);
        }
        for length in 0..=40 {
            let text = &"0123456789".repeat(4)[..length];
            assert_eq!(to_string(text), text);
        }
    }
}
