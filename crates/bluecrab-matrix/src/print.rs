//! Prints operands as `JSON.stringify` does.

#[cfg(target_arch = "wasm32")]
use crate::decimal::quick_together;
use crate::decimal::{BATCH, Decimal, Decimals, WINDOW, write_number};
use crate::operand::{Form, Operand, Shape};

/// Prints `{"result": operand}`.
pub fn print_result(operand: &Operand<'_>) -> Vec<u8> {
    let mut out = Printer::new(operand.data.len());
    out.text(b"{\"result\":");
    out.operand(operand);
    out.byte(b'}');
    out.finish()
}

/// Prints an operand in its form. Numbers have the shortest digits that read back the same; -0 is printed as `0`, and
/// infinities and NaN as `null`.
///
/// A scalar is printed as a plain number in either form.
pub fn print(operand: &Operand<'_>) -> Vec<u8> {
    let mut out = Printer::new(operand.data.len());
    out.operand(operand);
    out.finish()
}

/// The memory reserved for each number: the usual 16 or 17 digits, sign, point and comma.
const USUAL_BYTES: usize = 20;
/// How many bytes are filled with zeros at a time.
const STEP: usize = 16 * 1024;

/// A buffer with zeros after the printed text, so that numbers can be stored in whole words.
struct Printer {
    buffer: Vec<u8>,
    at: usize,
}

impl Printer {
    fn new(numbers: usize) -> Self {
        Self { buffer: Vec::with_capacity(numbers * USUAL_BYTES + 2 * WINDOW), at: 0 }
    }

    fn finish(mut self) -> Vec<u8> {
        self.buffer.truncate(self.at);
        self.buffer
    }

    #[inline(always)]
    fn window<const LENGTH: usize>(&mut self) -> &mut [u8; LENGTH] {
        if self.buffer.len() - self.at < LENGTH {
            self.fill(LENGTH);
        }
        let window = self.buffer[self.at..].first_chunk_mut();
        window.expect("the buffer was filled")
    }

    #[cold]
    #[inline(never)]
    fn fill(&mut self, least: usize) {
        let ahead = (self.buffer.capacity() - self.at).clamp(least, STEP);
        self.buffer.resize(self.at + ahead, 0);
    }

    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        self.window::<1>()[0] = byte;
        self.at += 1;
    }

    #[inline(always)]
    fn text(&mut self, text: &[u8]) {
        for part in text.chunks(WINDOW) {
            self.window::<WINDOW>()[..part.len()].copy_from_slice(part);
            self.at += part.len();
        }
    }

    fn operand(&mut self, operand: &Operand<'_>) {
        match (operand.form, operand.shape) {
            (_, Shape::Scalar) => {
                let window = self.window();
                self.at += write_number(Decimal::of(operand.data[0]), window);
            }
            (Form::Nested, Shape::Vector(_)) => self.list(&operand.data),
            (Form::Nested, Shape::Matrix(_, columns)) => {
                let mut separator = b'[';
                for row in operand.data.chunks_exact(columns.max(1)) {
                    self.byte(separator);
                    self.list(row);
                    separator = b',';
                }
                self.byte(b']');
            }
            (Form::NdArray, Shape::Vector(length)) => self.ndarray(&[length], &operand.data),
            (Form::NdArray, Shape::Matrix(rows, columns)) => self.ndarray(&[rows, columns], &operand.data),
        }
    }

    fn ndarray(&mut self, dimensions: &[usize], data: &[f64]) {
        let dimensions: Vec<String> = dimensions.iter().map(usize::to_string).collect();
        self.text(format!("{{\"v\":1,\"dim\":[{}],\"data\":", dimensions.join(",")).as_bytes());
        self.list(data);
        self.byte(b'}');
    }

    /// Prints in batches: first the digits of all numbers in a batch, then the text. Both are long chains of dependent
    /// steps, and this way the processor works on several numbers at once.
    #[inline(never)]
    fn list(&mut self, data: &[f64]) {
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

/// Finds the decimals of a batch.
#[inline(always)]
fn decimals(batch: &[f64]) -> Decimals {
    #[cfg(target_arch = "wasm32")]
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

    #[test]
    fn prints_each_form() {
        let printed = |shape, form| {
            let data = vec![1.0; Shape::len(shape)];
            String::from_utf8(print_result(&Operand::new(shape, form, data).unwrap())).unwrap()
        };
        assert_eq!(printed(Shape::Matrix(2, 1), Form::Nested), r#"{"result":[[1],[1]]}"#);
        assert_eq!(printed(Shape::Vector(2), Form::Nested), r#"{"result":[1,1]}"#);
        assert_eq!(printed(Shape::Scalar, Form::NdArray), r#"{"result":1}"#);
        assert_eq!(printed(Shape::Matrix(1, 2), Form::NdArray), r#"{"result":{"v":1,"dim":[1,2],"data":[1,1]}}"#);
    }
}
