//! The buffer for JSON text. It prints bytes and strings.

use bluecrab_decimal::Printer;
use bluecrab_decimal::plain_length_of_string;

/// A JSON text that grows.
#[derive(Default)]
pub struct Writer {
    pub out: Printer,
    /// Whether the next string is JSON itself: the text of a `RawValue`.
    pub is_raw: bool,
}

impl Writer {
    pub fn finish(self) -> Vec<u8> {
        self.out.finish()
    }

    #[inline]
    pub fn byte(&mut self, byte: u8) {
        self.out.byte(byte);
    }

    #[inline(never)]
    pub fn string(&mut self, text: &str) {
        self.byte(b'"');
        self.escaped(text);
        self.byte(b'"');
    }

    /// Prints the text of a string, without its quotation marks.
    #[inline]
    pub fn escaped(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        loop {
            let length = plain_length_of_string(rest);
            self.out.text(&rest[..length]);
            let Some((&byte, behind)) = rest[length..].split_first() else { return };
            self.escape(byte);
            rest = behind;
        }
    }

    #[inline(never)]
    fn escape(&mut self, byte: u8) {
        let letter = match byte {
            b'\x08' => b'b',
            b'\x0c' => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..0x20 => {
                let digits = b"0123456789abcdef";
                self.out.text(b"\\u00");
                self.byte(digits[usize::from(byte >> 4)]);
                self.byte(digits[usize::from(byte & 15)]);
                return;
            }
            other => other,
        };
        self.byte(b'\\');
        self.byte(letter);
    }
}
