// Multiplies matrices. Each element adds its products in the order of k, two elements at once.

import { Matrix } from './npy';

export function multiplyInto(product: usize, one: Matrix, two: Matrix): void {
  const columns = <usize>two.columns;
  const inner = <usize>one.columns;
  for (let i: usize = 0; i < one.rows; i++, product += columns << 3) {
    const factors = one.numbers + ((i * inner) << 3);
    scale(product, load<f64>(factors), two.numbers, columns);
    for (let k: usize = 1; k < inner; k++) {
      addScaled(product, load<f64>(factors + (k << 3)), two.numbers + ((k * columns) << 3), columns);
    }
  }
}

function scale(sums: usize, factor: f64, row: usize, columns: usize): void {
  for (const end = sums + (columns << 3); sums < end; sums += 8, row += 8) {
    store<f64>(sums, factor * load<f64>(row));
  }
}

function addScaled(sums: usize, factor: f64, row: usize, columns: usize): void {
  const factors = f64x2.splat(factor);
  for (const end = sums + ((columns >> 1) << 4); sums < end; sums += 16, row += 16) {
    v128.store(sums, f64x2.add(v128.load(sums), f64x2.mul(factors, v128.load(row))));
  }
  if (columns & 1) store<f64>(sums, load<f64>(sums) + factor * load<f64>(row));
}
