//! The product of large operands, in blocks that fit the caches.
//!
//! Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008. The sums of a tile are carried from
//! block to block of k, so that each element still takes all its products in their order.

use super::tile::Kernel;
use std::array;

/// The k of a block: a panel of each operand then fits the first-level cache.
const INNER: usize = 384;
/// The rows of a block: what is packed of the first operand then fits the second-level cache.
const ROWS: usize = 120;
/// The columns of a block: what is packed of the second operand then fits the third-level cache.
const COLUMNS: usize = 2048;

/// Packed operands: `rows` x `inner` times `inner` x `columns`.
#[derive(Clone, Copy)]
pub struct Operands<'a> {
    pub one: &'a [f64],
    pub two: &'a [f64],
    pub rows: usize,
    pub inner: usize,
    pub columns: usize,
}

impl Operands<'_> {
    /// The product as it stands in the books, a row of it at a time.
    pub fn row_by_row(self) -> Vec<f64> {
        let mut sums = vec![-0.0; self.rows * self.columns];
        let rows = self.one.chunks_exact(self.inner).zip(sums.chunks_exact_mut(self.columns));
        for (row, sums) in rows {
            for (factor, other) in row.iter().zip(self.two.chunks_exact(self.columns)) {
                sums.iter_mut().zip(other).for_each(|(sum, number)| *sum += factor * number);
            }
        }
        sums
    }

    /// The product with a single column.
    pub fn single_column(self) -> Vec<f64> {
        let sum = |row: &[f64]| row.iter().zip(self.two).fold(-0.0, |sum, (factor, number)| sum + factor * number);
        self.one.chunks_exact(self.inner).map(sum).collect()
    }
}

/// The product by tiles of `R` x `C`.
#[inline(always)]
pub fn product<K: Kernel<R, C>, const R: usize, const C: usize>(operands: Operands<'_>) -> Vec<f64> {
    // Only at the edges of the matrix do tiles reach beyond their block, and what lies there is dropped.
    const { assert!(ROWS.is_multiple_of(R) && COLUMNS.is_multiple_of(C)) };
    let Operands { rows, inner, columns, .. } = operands;
    let mut sums = vec![0.0; rows * columns];
    let mut panels_of_one: Vec<[f64; R]> = Vec::new();
    let mut panels_of_two: Vec<[f64; C]> = Vec::new();
    for column in (0..columns).step_by(COLUMNS) {
        let width = COLUMNS.min(columns - column);
        for k in (0..inner).step_by(INNER) {
            let depth = INNER.min(inner - k);
            pack_two(operands, (k, depth), (column, width), &mut panels_of_two);
            for row in (0..rows).step_by(ROWS) {
                let height = ROWS.min(rows - row);
                pack_one(operands, (row, height), (k, depth), &mut panels_of_one);
                for (two, panel) in (column..column + width).step_by(C).zip(panels_of_two.chunks_exact(depth)) {
                    for (one, other) in (row..row + height).step_by(R).zip(panels_of_one.chunks_exact(depth)) {
                        add_tile::<K, R, C>(other, panel, k == 0, &mut sums, (one, two), (rows, columns));
                    }
                }
            }
        }
    }
    sums
}

/// Adds the product of two panels to the sums at a row and a column, as far as they reach; the first product begins them.
#[inline(always)]
fn add_tile<K: Kernel<R, C>, const R: usize, const C: usize>(
    one: &[[f64; R]],
    two: &[[f64; C]],
    is_first: bool,
    sums: &mut [f64],
    (row, column): (usize, usize),
    (rows, columns): (usize, usize),
) {
    // The identity of addition: 0 + -0 would be 0.
    let mut block = [[-0.0; C]; R];
    let (height, width) = (R.min(rows - row), C.min(columns - column));
    let place = |line: usize| (row + line) * columns + column;
    if height == R && width == C {
        if !is_first {
            for (line, block) in block.iter_mut().enumerate() {
                block.copy_from_slice(&sums[place(line)..][..C]);
            }
        }
        K::add_products(one, two, &mut block);
        for (line, block) in block.iter().enumerate() {
            sums[place(line)..][..C].copy_from_slice(block);
        }
        return;
    }
    if !is_first {
        for (line, block) in block.iter_mut().enumerate().take(height) {
            block[..width].copy_from_slice(&sums[place(line)..][..width]);
        }
    }
    K::add_products(one, two, &mut block);
    for (line, block) in block.iter().enumerate().take(height) {
        sums[place(line)..][..width].copy_from_slice(&block[..width]);
    }
}

/// Panels of `R` rows, each as a column of `R` numbers after the other; what lies below the last row is not used.
#[inline(always)]
fn pack_one<const R: usize>(
    operands: Operands<'_>,
    (row, height): (usize, usize),
    (k, depth): (usize, usize),
    panels: &mut Vec<[f64; R]>,
) {
    panels.resize(height.div_ceil(R) * depth, [0.0; R]);
    let numbers = |line: usize| &operands.one[line * operands.inner + k..][..depth];
    for (line, panel) in (row..row + height).step_by(R).zip(panels.chunks_exact_mut(depth)) {
        if row + height - line >= R {
            let lines: [&[f64]; R] = array::from_fn(|place| numbers(line + place));
            for (index, column) in panel.iter_mut().enumerate() {
                *column = lines.map(|line| line[index]);
            }
            continue;
        }
        for place in 0..row + height - line {
            for (column, number) in panel.iter_mut().zip(numbers(line + place)) {
                column[place] = *number;
            }
        }
    }
}

/// Panels of `C` columns, each as a row of `C` numbers after the other; what lies behind the last column is not used.
#[inline(always)]
fn pack_two<const C: usize>(
    operands: Operands<'_>,
    (k, depth): (usize, usize),
    (column, width): (usize, usize),
    panels: &mut Vec<[f64; C]>,
) {
    panels.resize(width.div_ceil(C) * depth, [0.0; C]);
    for line in 0..depth {
        let numbers = &operands.two[(k + line) * operands.columns + column..][..width];
        let (whole, rest) = numbers.as_chunks();
        for (panel, numbers) in panels.chunks_exact_mut(depth).zip(whole) {
            panel[line] = *numbers;
        }
        if !rest.is_empty() {
            panels[whole.len() * depth + line][..rest.len()].copy_from_slice(rest);
        }
    }
}
