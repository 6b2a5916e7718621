// Matrices for tests: the same for the same seed.

/** A generator of 32-bit integers (mulberry32) with what the tests draw from it. */
export function generator(seed) {
  let state = seed >>> 0;
  const bits = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const uniform = () => (bits() * 2 ** 21 + (bits() >>> 11)) / 2 ** 53;
  const below = (limit) => Math.floor(uniform() * limit);
  const pick = (list) => list[below(list.length)];
  const anyBits = () => {
    const view = new DataView(new ArrayBuffer(8));
    do {
      view.setUint32(0, bits());
      view.setUint32(4, bits());
    } while (!Number.isFinite(view.getFloat64(0)));
    return view.getFloat64(0);
  };
  return { uniform, below, pick, anyBits };
}

/** Kinds of numbers that a matrix is filled with. */
export const kinds = {
  uniform: (random) => random.uniform(),
  integer: (random) => random.below(2001) - 1000,
  magnitude: (random) => (random.uniform() - 0.5) * 10 ** (random.below(41) - 20),
  anyBits: (random) => random.anyBits(),
};

/** A matrix as nested arrays of the texts of its numbers. */
export function matrix(random, rows, columns, number, spell = String) {
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => spell(number(random), random)),
  );
}

/** The JSON of a matrix of texts, as nested arrays or as ndarray writes it. */
export function json(rows, form, space = '') {
  if (form === 'ndarray') {
    const data = rows.flat().join(`,${space}`);
    return `{"v":1,${space}"dim":[${rows.length},${rows[0].length}],"data":[${data}]}`;
  }
  return `[${rows.map((row) => `[${space}${row.join(`${space},`)}]`).join(`,${space}`)}]`;
}
