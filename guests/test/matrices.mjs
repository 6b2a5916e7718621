// Matrices in NumPy's format, the same in every run.

let state = 2019;

/** A number in [-0.5, 0.5) from the generator mulberry32. */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 - 0.5;
}

export function matrix(rows, columns, number = random) {
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => number()));
}

/** An array as numpy.save writes it. */
export function npy(rows, descr = '<f8') {
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${rows.length}, ${rows[0].length}), }`;
  const header = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${dictionary.padEnd(117)}\n`, 'latin1');
  return Buffer.concat([header, Buffer.from(Float64Array.from(rows.flat()).buffer)]);
}
