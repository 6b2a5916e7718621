//! The micro-kernel: a tile of the product that stays in registers while k runs.

/// Adds `inner` products to a tile: `one` holds a column of `R` numbers for each k, `two` a row of `C`.
///
/// Every element takes its products in the order of k, multiplied and then added, so that any shape of tile gives the
/// same bits. The loops over the tile are unrolled and turned into vectors by the compiler.
#[inline(always)]
pub fn tile<const R: usize, const C: usize>(one: &[[f64; R]], two: &[[f64; C]], sums: &mut [[f64; C]; R]) {
    let mut tile = *sums;
    for (column, row) in one.iter().zip(two) {
        for (sums, factor) in tile.iter_mut().zip(column) {
            for (sum, number) in sums.iter_mut().zip(row) {
                *sum += factor * number;
            }
        }
    }
    *sums = tile;
}
