// Random matrices for tests. The same seed makes the same matrices.

/** A generator of random numbers (mulberry32), with methods for what the tests need. */
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
  const chance = (probability) => uniform() < probability;
  const anyBits = () => {
    const view = new DataView(new ArrayBuffer(8));
    do {
      view.setUint32(0, bits());
      view.setUint32(4, bits());
    } while (!Number.isFinite(view.getFloat64(0)));
    return view.getFloat64(0);
  };
  return { bits, uniform, below, pick, chance, anyBits };
}

/** The kinds of numbers in a matrix. */
export const kinds = {
  uniform: (random) => random.uniform(),
  integer: (random) => random.below(2001) - 1000,
  magnitude: (random) => (random.uniform() - 0.5) * 10 ** (random.below(41) - 20),
  anyBits: (random) => random.anyBits(),
  /** Random bits without extreme magnitudes, so that few products are infinite. */
  tameBits: (random) => {
    const number = random.anyBits();
    return Math.abs(number) > 2 ** 500 || Math.abs(number) < 2 ** -500 ? random.uniform() : number;
  },
};

/** Ways to write a number in JSON. Except for the last two, they read back as the same number or a neighbour. */
export const spellings = {
  shortest: (number) => String(number).replace('e+', 'e'),
  exponent: (number, random) =>
    number.toExponential().replace(/e([+-])/, (_, sign) => {
      const zeros = '0'.repeat(random.below(3));
      return `${random.pick(['e', 'E'])}${sign === '-' ? '-' : random.pick(['', '+'])}${zeros}`;
    }),
  precise: (number, random) => number.toPrecision(1 + random.below(100)),
  tail: (number, random) => {
    const [, significand, exponent = ''] = /^([^e]*)(e.*)?$/.exec(String(number));
    const digits = Array.from({ length: 1 + random.below(40) }, () => random.below(10)).join('');
    return `${significand}${significand.includes('.') ? '' : '.'}${digits}${exponent}`;
  },
  integer: (number, random) => {
    const digits = Array.from({ length: random.below(40) }, () => random.below(10)).join('');
    return `${number < 0 ? '-' : ''}${1 + random.below(9)}${digits}`;
  },
  extreme: (_, random) =>
    random.pick([
      '0',
      '-0',
      '-0.0e-9',
      '0e999',
      '5e-324',
      '2.4703282292062327e-324',
      '1e309',
      '-1e400',
      '1e-400',
    ]),
};

/** A matrix: nested arrays with the texts of its numbers. */
export function matrix(random, rows, columns, number, spell = String) {
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => spell(number(random), random)),
  );
}

/** Writes a matrix of texts as JSON, as nested arrays or in the form of ndarray. */
export function json(rows, form, space = '') {
  if (form === 'ndarray') {
    const data = rows.flat().join(`,${space}`);
    return `{"v":1,${space}"dim":[${rows.length},${rows[0].length}],"data":[${data}]}`;
  }
  return `[${rows.map((row) => `[${space}${row.join(`${space},`)}]`).join(`,${space}`)}]`;
}
