//! Multiplies large operands in blocks that fit the caches.
//!
//! The algorithm is from Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008. Each block
//! of k continues the sums of the block before it, so every element still adds all its products in the order of k.

use super::tile::Kernel;
use std::array;

/// How much of k a block covers (KC): a panel of each operand then fits the first-level cache.
const INNER: usize = 384;
/// The rows of a block (MC): the packed part of the first operand then fits the second-level cache.
const ROWS: usize = 120;
/// The columns of a block (NC): the packed part of the second operand then fits the third-level cache.
const COLUMNS: usize = 2048;

/// Two matrices stored row by row: the first has `rows` x `inner` numbers, the second `inner` x `columns`.
#[derive(Clone, Copy)]
pub struct Operands<'a> {
    pub one: &'a [f64],
    pub two: &'a [f64],
    pub rows: usize,
    pub inner: usize,
    pub columns: usize,
}

impl Operands<'_> {
    /// Multiplies one row at a time, without packing.
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

    /// Multiplies by a matrix with a single column.
    pub fn single_column(self) -> Vec<f64> {
        let sum = |row: &[f64]| row.iter().zip(self.two).fold(-0.0, |sum, (factor, number)| sum + factor * number);
        self.one.chunks_exact(self.inner).map(sum).collect()
    }
}

/// Multiplies in tiles of `R` x `C`.
#[inline(always)]
pub fn product<K: Kernel<R, C>, const R: usize, const C: usize>(operands: Operands<'_>) -> Vec<f64> {
    // Whole tiles fill each block, so a tile reaches past its block only at the edges of the matrix, and `add_tile`
    // drops that part.
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

/// Multiplies two panels and adds the products to the tile of `sums` at `row` and `column`. The first call for a tile
/// ignores what `sums` holds.
#[inline(always)]
fn add_tile<K: Kernel<R, C>, const R: usize, const C: usize>(
    one: &[[f64; R]],
    two: &[[f64; C]],
    is_first: bool,
    sums: &mut [f64],
    (row, column): (usize, usize),
    (rows, columns): (usize, usize),
) {
    // A sum starts at -0, because 0 + -0 would turn a product of -0 into 0.
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

/// Packs the first operand into panels of `R` rows: a panel holds a column of `R` numbers for each k. Numbers below the
/// last row are never read.
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

/// Packs the second operand into panels of `C` columns: a panel holds a row of `C` numbers for each k. Numbers right of
/// the last column are never read.
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
