//! A buffer for text with many numbers.

#[cfg(target_feature = "simd128")]
use crate::together::quick_together;
use crate::write::{BATCH, Decimal, Decimals, WINDOW, write_number};

/// How many bytes are filled with zeros at a time.
const STEP: usize = 16 * 1024;

/// Texts up to this length are copied in whole words. The instruction for any length costs a call in V8.
const SHORT: usize = 16;

/// A text that grows. The buffer has bytes after the text, so that numbers can be stored in whole words.
#[derive(Debug, Default)]
pub struct Printer {
    buffer: Vec<u8>,
    at: usize,
}

impl Printer {
    /// An empty buffer with memory for about this many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { buffer: Vec::with_capacity(bytes + 2 * WINDOW), at: 0 }
    }

    /// The text that has been appended so far.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.buffer.truncate(self.at);
        self.buffer
    }

    /// The space after the text. Write to it, and then let [`Printer::advance`] append what was written.
    #[inline(always)]
    #[allow(clippy::missing_panics_doc, reason = "the buffer has been filled")]
    pub fn window<const LENGTH: usize>(&mut self) -> &mut [u8; LENGTH] {
        if self.buffer.len() - self.at < LENGTH {
            self.fill(LENGTH);
        }
        let window = self.buffer[self.at..].first_chunk_mut();
        window.expect("the buffer was filled")
    }

    /// Appends the first bytes of the window.
    #[inline(always)]
    pub fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    #[cold]
    #[inline(never)]
    fn fill(&mut self, least: usize) {
        let ahead = (self.buffer.capacity() - self.at).min(STEP).max(least);
        self.buffer.resize(self.at + ahead, 0);
    }

    /// Appends a byte.
    #[inline(always)]
    pub fn byte(&mut self, byte: u8) {
        self.window::<1>()[0] = byte;
        self.at += 1;
    }

    /// Appends text.
    #[inline]
    pub fn text(&mut self, text: &[u8]) {
        if text.len() <= SHORT {
            copy_short(text, self.window());
        } else {
            if self.buffer.len() - self.at < text.len() {
                self.fill(text.len());
            }
            self.buffer[self.at..][..text.len()].copy_from_slice(text);
        }
        self.at += text.len();
    }

    /// Appends a number as JavaScript prints it, or `null` if it is not finite.
    #[inline(never)]
    pub fn number(&mut self, number: f64) {
        let decimal = Decimal::quick(number).unwrap_or_else(|| Decimal::of(number));
        let window = self.window();
        self.at += write_number(decimal, window);
    }

    /// Appends a number with the shortest digits that read back as the same `f32`.
    pub fn single(&mut self, number: f32) {
        let window = self.window();
        self.at += write_number(Decimal::of_single(number), window);
    }

    /// Appends a list of numbers in brackets.
    ///
    /// It works in batches: first the digits of all numbers in a batch, then the text. Both are long chains of
    /// dependent steps, and this way the processor works on several numbers at once.
    #[inline(never)]
    pub fn numbers(&mut self, data: &[f64]) {
        self.byte(b'[');
        for batch in data.chunks(BATCH) {
            let decimals = decimals(batch);
            let window = self.window::<{ BATCH * (WINDOW + 1) }>();
            let mut at = 0;
            for index in 0..batch.len() {
                let Some(window) = window[at..].first_chunk_mut() else { break };
                let length = write_number(decimals.get(index), window);
                window[length] = b',';
                at += length + 1;
            }
            self.at += at;
        }
        // The closing bracket replaces the last comma.
        self.at -= usize::from(!data.is_empty());
        self.byte(b']');
    }
}

/// Copies a short text: its first and its last bytes, which may overlap.
#[inline(always)]
fn copy_short(text: &[u8], out: &mut [u8; SHORT]) {
    let length = text.len().min(SHORT);
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        out[..8].copy_from_slice(first);
        out[length - 8..length].copy_from_slice(last);
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        out[..4].copy_from_slice(first);
        out[length - 4..length].copy_from_slice(last);
    } else {
        for (place, byte) in out.iter_mut().zip(text) {
            *place = *byte;
        }
    }
}

/// Finds the decimals of a batch.
#[inline(always)]
fn decimals(batch: &[f64]) -> Decimals {
    #[cfg(target_feature = "simd128")]
    if let Some(decimals) = batch.as_array().and_then(quick_together) {
        return decimals;
    }
    let mut decimals = Decimals::default();
    for (index, &value) in batch.iter().enumerate() {
        match Decimal::quick(value) {
            Some(found) => decimals.set(index, found),
            None => return slow(batch),
        }
    }
    decimals
}

/// Finds the decimals of a batch for which the quick algorithm is not enough.
#[cold]
#[inline(never)]
fn slow(batch: &[f64]) -> Decimals {
    let mut decimals = Decimals::default();
    for (index, &value) in batch.iter().enumerate() {
        decimals.set(index, Decimal::of(value));
    }
    decimals
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printed(numbers: &[f64]) -> String {
        let mut printer = Printer::default();
        printer.numbers(numbers);
        String::from_utf8(printer.finish()).unwrap()
    }

    #[test]
    fn prints_text_of_any_length() {
        let mut printer = Printer::default();
        let text = "x".repeat(3 * STEP + 1);
        printer.text(text.as_bytes());
        printer.number(-0.5);
        printer.text(b"");
        printer.byte(b'!');
        assert_eq!(printer.finish(), [text.as_bytes(), b"-0.5!"].concat());
        assert_eq!(printed(&[]), "[]");
    }

    #[test]
    fn copies_short_texts() {
        let text = b"0123456789abcdef";
        for length in 0..=SHORT {
            let mut out = [b'x'; SHORT];
            copy_short(&text[..length], &mut out);
            assert_eq!(out[..length], text[..length]);
        }
    }

    proptest! {
        #[test]
        fn prints_lists_as_javascript(
            bits in prop::collection::vec(any::<u64>(), 0..9),
            units in prop::collection::vec(0.0..1.0, 0..9),
        ) {
            let numbers: Vec<f64> = bits.into_iter().map(f64::from_bits).chain(units).collect();
            let text = |number: &f64| match number.is_finite() {
                true => ryu_js::Buffer::new().format(*number).to_owned(),
                false => "null".to_owned(),
            };
            let expected: Vec<String> = numbers.iter().map(text).collect();
            prop_assert_eq!(printed(&numbers), format!("[{}]", expected.join(",")));
            for number in &numbers {
                let mut printer = Printer::default();
                printer.number(*number);
                prop_assert_eq!(String::from_utf8(printer.finish()).unwrap(), text(number));
            }
        }

        #[test]
        fn prints_singles_as_javascript_prints_doubles(bits: u32, decimal in 0_u32..10_000_000, exponent in -12_i32..12) {
            for number in [f32::from_bits(bits), decimal as f32 * 10_f32.powi(exponent), -(decimal as f32)] {
                let mut printer = Printer::default();
                printer.single(number);
                let printed = String::from_utf8(printer.finish()).unwrap();
                let expected = match number.is_finite() {
                    true => ryu_js::Buffer::new().format(number).to_owned(),
                    false => "null".to_owned(),
                };
                prop_assert_eq!(printed, expected);
            }
        }
    }
}
