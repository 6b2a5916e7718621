//! Products on request: a line is a size, or `fma` and a size; the answer is the seconds of one product, or `not there`.

use bluecrab_matrix::{Form, Operand, Shape, multiply, multiply_fused};
use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::time::Instant;

/// Answers until the input ends.
pub fn run() -> io::Result<()> {
    let mut output = io::stdout().lock();
    let (mut operands, mut last) = (HashMap::new(), None);
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (fused, size) = line.strip_prefix("fma ").map_or((false, &line[..]), |size| (true, size));
        let size: usize = size.trim().parse().map_err(io::Error::other)?;
        let (one, two) = operands.entry(size).or_insert_with(|| (operand(size, 1), operand(size, 2)));
        match timed(one, two, fused) {
            // As in Python, the product before lives until this one is there.
            Some((product, seconds)) => {
                drop(last.replace(product));
                writeln!(output, "{seconds}")?;
            }
            None => writeln!(output, "not there")?,
        }
        output.flush()?;
    }
    Ok(())
}

/// Nothing where the product shall be fused and the processor cannot.
fn timed(one: &Operand<'_>, two: &Operand<'_>, fused: bool) -> Option<(Operand<'static>, f64)> {
    if fused && !fuses() {
        return None;
    }
    let product = if fused { multiply_fused } else { multiply };
    let started = Instant::now();
    let product = std::hint::black_box(product(one, two));
    let seconds = started.elapsed().as_secs_f64();
    product.ok().map(|product| (product, seconds))
}

fn fuses() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    cfg!(target_arch = "aarch64")
}

/// Numbers in [0, 1): SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
fn operand(size: usize, seed: u64) -> Operand<'static> {
    let mut state = seed;
    let data = (0..size * size).map(|_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    });
    Operand::new(Shape::Matrix(size, size), Form::Nested, data.collect()).expect("as many numbers as the shape has")
}
