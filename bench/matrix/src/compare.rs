//! The native side of the differential test: bodies on standard input, answers on standard output.
//!
//! A question is its kind (`p` a pair, `w` numbers to write, `r` numbers to read), the length of its body as `u32`,
//! little-endian, and the body. An answer is 1 and the output, or 0 and nothing where the body is refused; the length
//! stands between, as in the question.

use bench_matrix::numbers;
use std::io::{self, BufReader, BufWriter, Read, Write};

/// Answers until the input ends.
pub fn run() -> io::Result<()> {
    let (mut input, mut output) = (BufReader::new(io::stdin().lock()), BufWriter::new(io::stdout().lock()));
    let mut head = [0; 5];
    while read_head(&mut input, &mut head)? {
        let [kind, length @ ..] = head;
        let mut body = vec![0; u32::from_le_bytes(length) as usize];
        input.read_exact(&mut body)?;
        let answer = match kind {
            b'p' => bluecrab_matrix::multiply_json(&body).ok(),
            b'w' => Some(numbers::print(&body)),
            b'r' => numbers::parse(&body),
            _ => return Err(io::Error::other("a question of an unknown kind")),
        };
        output.write_all(&[u8::from(answer.is_some())])?;
        let answer = answer.unwrap_or_default();
        output.write_all(&(answer.len() as u32).to_le_bytes())?;
        output.write_all(&answer)?;
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush()
}

/// False at the end of the input.
fn read_head(input: &mut impl Read, head: &mut [u8; 5]) -> io::Result<bool> {
    if input.read(&mut head[..1])? == 0 {
        return Ok(false);
    }
    input.read_exact(&mut head[1..])?;
    Ok(true)
}
