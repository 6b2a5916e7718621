//! Inflates deflated data one window at a time.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, TINFL_LZ_DICT_SIZE, decompress};

/// The most bytes that one byte of deflated data can become: two bits can stand for 258 bytes (zlib, "Maximum
/// Compression Factor").
pub(super) const MAX_RATIO: u64 = 1032;

/// How far back a match can reach, and therefore how much of the output must be kept.
pub(super) const WINDOW_BYTES: usize = TINFL_LZ_DICT_SIZE;

/// Inflates into one window, which is used again and again.
pub(super) struct Inflate<'a> {
    state: Box<DecompressorOxide>,
    window: Vec<u8>,
    input: &'a [u8],
    done: bool,
}

/// The data is not valid deflate data, or has another length than declared.
#[derive(Debug)]
pub(super) struct Damaged;

impl<'a> Inflate<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        Self { state: Box::default(), window: vec![0; WINDOW_BYTES], input, done: false }
    }

    /// Returns the next bytes: a full window, or less at the end, and `None` after the end.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, Damaged> {
        if self.done {
            return Ok(None);
        }
        let (status, read, written) = decompress(&mut self.state, self.input, &mut self.window, 0, 0);
        self.input = &self.input[read..];
        match status {
            TINFLStatus::HasMoreOutput if written == WINDOW_BYTES => {}
            TINFLStatus::Done if self.input.is_empty() => self.done = true,
            _ => return Err(Damaged),
        }
        Ok(Some(&self.window[..written]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec;

    fn inflated(input: &[u8]) -> Result<Vec<u8>, Damaged> {
        let mut inflate = Inflate::new(input);
        let mut all = Vec::new();
        while let Some(piece) = inflate.next()? {
            all.extend_from_slice(piece);
        }
        Ok(all)
    }

    #[test]
    fn inflates_all_of_it_and_nothing_else() {
        for length in [0, 1, WINDOW_BYTES - 1, WINDOW_BYTES, WINDOW_BYTES + 1, 5 * WINDOW_BYTES + 7] {
            let bytes: Vec<u8> = (0..length).map(|index| (index * index / 7) as u8).collect();
            let deflated = compress_to_vec(&bytes, 6);
            assert!(inflated(&deflated).unwrap() == bytes, "{length}");
            assert!(inflated(&deflated[..deflated.len() - 1]).is_err(), "{length}");
            assert!(inflated(&[&deflated[..], b"more"].concat()).is_err(), "{length}");
        }
    }
}
