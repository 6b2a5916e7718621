//! The micro-kernel: a tile of the product that stays in registers while k runs.

/// Adds the products of two panels to a tile of `R` rows and `C` columns.
pub trait Kernel<const R: usize, const C: usize> {
    /// `one` holds a column of `R` numbers for each k, and `two` holds a row of `C` numbers for each k. Every sum adds
    /// its products in the order of k, so a tile of any size computes the same bits.
    fn add_products(one: &[[f64; R]], two: &[[f64; C]], sums: &mut [[f64; C]; R]);
}

/// Rounds after each product and after each sum, as JavaScript does.
pub struct Exact;

/// Rounds once after each product and sum (fused multiply-add).
pub struct Fused;

impl<const R: usize, const C: usize> Kernel<R, C> for Exact {
    #[inline(always)]
    fn add_products(one: &[[f64; R]], two: &[[f64; C]], sums: &mut [[f64; C]; R]) {
        tile(one, two, sums, |sum, factor, number| sum + factor * number);
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
impl<const R: usize, const C: usize> Kernel<R, C> for Fused {
    #[inline(always)]
    fn add_products(one: &[[f64; R]], two: &[[f64; C]], sums: &mut [[f64; C]; R]) {
        tile(one, two, sums, |sum, factor, number| factor.mul_add(number, sum));
    }
}

/// The compiler unrolls the loops over the tile and vectorises them.
#[inline(always)]
fn tile<const R: usize, const C: usize>(
    one: &[[f64; R]],
    two: &[[f64; C]],
    sums: &mut [[f64; C]; R],
    multiply_add: impl Fn(f64, f64, f64) -> f64,
) {
    let mut tile = *sums;
    for (column, row) in one.iter().zip(two) {
        for (sums, &factor) in tile.iter_mut().zip(column) {
            for (sum, &number) in sums.iter_mut().zip(row) {
                *sum = multiply_add(*sum, factor, number);
            }
        }
    }
    *sums = tile;
}

/// WebAssembly can fuse only with a vector instruction, which the compiler does not choose unless it is named.
#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
impl Kernel<4, 4> for Fused {
    #[inline(always)]
    fn add_products(one: &[[f64; 4]], two: &[[f64; 4]], sums: &mut [[f64; 4]; 4]) {
        use std::arch::wasm32::{f64x2, f64x2_extract_lane, f64x2_relaxed_madd, f64x2_splat};
        let mut tile = sums.map(|[a, b, c, d]| [f64x2(a, b), f64x2(c, d)]);
        for (column, &[a, b, c, d]) in one.iter().zip(two) {
            let row = [f64x2(a, b), f64x2(c, d)];
            for (sums, &factor) in tile.iter_mut().zip(column) {
                for (sum, numbers) in sums.iter_mut().zip(row) {
                    *sum = f64x2_relaxed_madd(f64x2_splat(factor), numbers, *sum);
                }
            }
        }
        let lanes = |pair| [f64x2_extract_lane::<0>(pair), f64x2_extract_lane::<1>(pair)];
        for (sums, tile) in sums.iter_mut().zip(tile) {
            let ([a, b], [c, d]) = (lanes(tile[0]), lanes(tile[1]));
            *sums = [a, b, c, d];
        }
    }
}
