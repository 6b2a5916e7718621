//! Finds where the first escape, quotation mark or control character of a string is: the text before it is plain.

#[cfg(target_feature = "simd128")]
use std::arch::wasm32::{i8x16_bitmask, i8x16_eq, u8x16_lt, u8x16_splat, v128_load, v128_or};

/// Counts the bytes before the first `"`, `\` or control character.
#[inline]
pub fn plain_length(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(chunk) = text[at..].first_chunk() {
        let length = plain_in_chunk(chunk);
        at += length;
        if length < CHUNK {
            return at;
        }
    }
    at + text[at..].iter().take_while(|byte| is_plain(**byte)).count()
}

/// Like [`plain_length`], and says whether the bytes before are all ASCII.
#[inline]
pub fn plain_length_and_is_ascii(text: &[u8]) -> (usize, bool) {
    let (mut at, mut is_ascii) = (0, true);
    while let Some(chunk) = text[at..].first_chunk() {
        let length = plain_in_chunk(chunk);
        is_ascii &= ascii_in_chunk(chunk) >= length;
        at += length;
        if length < CHUNK {
            return (at, is_ascii);
        }
    }
    let rest = &text[at..];
    let length = rest.iter().take_while(|byte| is_plain(**byte)).count();
    (at + length, is_ascii && rest[..length].is_ascii())
}

/// Like [`plain_length`], for the whole text of a string. It is fast if all of the text is plain, even if it is short.
#[inline]
pub fn plain_length_of_string(text: &[u8]) -> usize {
    let is_plain = if let Some(last) = text.last_chunk::<CHUNK>() {
        text.as_chunks::<CHUNK>().0.iter().all(|chunk| plain_in_chunk(chunk) == CHUNK) && plain_in_chunk(last) == CHUNK
    } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        is_plain_word(u64::from_le_bytes(*first)) && is_plain_word(u64::from_le_bytes(*last))
    } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        is_plain_word(u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)))
    } else {
        text.iter().all(|byte| is_plain(*byte))
    };
    if is_plain { text.len() } else { plain_length(text) }
}

/// Whether all eight bytes are plain. A subtraction carries into the highest bit of a byte only if the byte, or one
/// below it, is too small.
#[inline(always)]
fn is_plain_word(word: u64) -> bool {
    const EACH: u64 = u64::MAX / 0xff;
    const HIGH: u64 = EACH << 7;
    let zeros = |word: u64| word.wrapping_sub(EACH) & !word;
    let controls = word.wrapping_sub(EACH * 0x20) & !word;
    (controls | zeros(word ^ (EACH * u64::from(b'"'))) | zeros(word ^ (EACH * u64::from(b'\\')))) & HIGH == 0
}

fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\'
}

/// How many bytes [`plain_in_chunk`] looks at.
const CHUNK: usize = 16;

/// Counts the bytes of a chunk before the first that is not plain.
#[cfg(target_feature = "simd128")]
#[inline(always)]
fn plain_in_chunk(chunk: &[u8; CHUNK]) -> usize {
    // SAFETY: a chunk has sixteen bytes, and the load needs no alignment.
    let bytes = unsafe { v128_load(chunk.as_ptr().cast()) };
    let special = v128_or(
        v128_or(i8x16_eq(bytes, u8x16_splat(b'"')), i8x16_eq(bytes, u8x16_splat(b'\\'))),
        u8x16_lt(bytes, u8x16_splat(0x20)),
    );
    (u32::from(i8x16_bitmask(special)) | 1 << CHUNK).trailing_zeros() as usize
}

/// Counts the bytes of a chunk before the first that is not plain.
#[cfg(not(target_feature = "simd128"))]
#[inline(always)]
fn plain_in_chunk(chunk: &[u8; CHUNK]) -> usize {
    // A loop without an early end, so that the compiler uses vectors.
    let special = chunk.iter().rev().fold(0_u32, |bits, byte| bits << 1 | u32::from(!is_plain(*byte)));
    (special | 1 << CHUNK).trailing_zeros() as usize
}

/// Counts the bytes of a chunk before the first that is not ASCII.
#[inline(always)]
fn ascii_in_chunk(chunk: &[u8; CHUNK]) -> usize {
    #[cfg(target_feature = "simd128")]
    // SAFETY: a chunk has sixteen bytes, and the load needs no alignment.
    let high = u32::from(unsafe { i8x16_bitmask(v128_load(chunk.as_ptr().cast())) });
    #[cfg(not(target_feature = "simd128"))]
    let high = chunk.iter().rev().fold(0_u32, |bits, byte| bits << 1 | u32::from(byte >> 7));
    (high | 1 << CHUNK).trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_special_byte_at_every_place() {
        for byte in 0..=255 {
            for length in (1..20).chain([40]) {
                for place in 0..length {
                    let mut text = vec![b'x'; length];
                    text[place] = byte;
                    let expected = if byte < 0x20 || byte == b'"' || byte == b'\\' { place } else { length };
                    assert_eq!(plain_length(&text), expected, "{byte} at {place} of {length}");
                    assert_eq!(plain_length_of_string(&text), expected, "{byte} at {place} of {length}");
                    let found = plain_length_and_is_ascii(&text);
                    assert_eq!(found, (expected, byte < 0x80), "{byte} at {place} of {length}");
                }
            }
        }
        assert_eq!(plain_length(b""), 0);
        assert_eq!(plain_length_of_string(b""), 0);
        assert_eq!(plain_length_and_is_ascii(b""), (0, true));
        let behind = "0123456789abcdef".repeat(2) + "\"\u{e9}";
        assert_eq!(plain_length_and_is_ascii(behind.as_bytes()), (32, true));
        assert_eq!(plain_length_and_is_ascii(&behind.as_bytes()[20..]), (12, true));
    }
}
