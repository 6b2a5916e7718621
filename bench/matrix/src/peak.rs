//! How fast this machine multiplies and adds pairs of doubles in WebAssembly when nothing else is in the way.

use std::arch::wasm32::{f64x2, f64x2_add, f64x2_extract_lane, f64x2_mul, f64x2_splat, v128};

/// `rounds` times `x = x * a + b` for each accumulator: 4 floating-point operations each. The sum of all, so that none
/// is left out.
///
/// The accumulators do not depend on each other, and there are enough of them to fill the pipelines while the result of
/// one is on its way. Eight, ten and twelve are offered: what fits the registers beside `a` and `b` is the machine's.
pub fn multiply_add(accumulators: usize, rounds: usize) -> f64 {
    match accumulators {
        8 => run::<8>(rounds),
        10 => run::<10>(rounds),
        12 => run::<12>(rounds),
        _ => f64::NAN,
    }
}

fn run<const N: usize>(rounds: usize) -> f64 {
    // The values settle at b / (1 - a) = 2 and stay there: no subnormals, no infinities.
    let (a, b) = (f64x2_splat(0.75), f64x2_splat(0.5));
    let mut sums: [v128; N] = std::array::from_fn(|index| f64x2(index as f64, 1.0));
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = f64x2_add(f64x2_mul(*sum, a), b);
        }
    }
    sums.iter().map(|&sum| f64x2_extract_lane::<0>(sum) + f64x2_extract_lane::<1>(sum)).sum()
}
