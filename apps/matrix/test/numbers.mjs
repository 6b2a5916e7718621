// Batches of numbers that are hard to read and to print. The same seed and index make the same batch.

import { generator, spellings } from './random.mjs';

/** How many numbers a batch has. */
export const BATCH = 10_000;

const names = Object.keys(spellings);
/** Numbers at the limits of JavaScript's notations, of the integers and of the range of doubles. */
const EDGES = [
  1e-7,
  1e-6,
  1e20,
  1e21,
  1e22,
  1e23,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  2 ** -1022,
  2 ** -1074,
  Number.MAX_VALUE,
];

/** The texts of a batch. Most numbers have random bits, and some are hard. */
export function numberTexts(seed, index) {
  const random = generator((Math.imul(seed, 0xc2b2ae3d) + Math.imul(index, 0x27d4eb2f)) >>> 0);
  const numbers = new Float64Array(BATCH);
  const words = new Uint32Array(numbers.buffer);
  for (let at = 0; at < BATCH; at++) {
    words[2 * at] = random.bits();
    words[2 * at + 1] = random.bits();
    const kind = random.below(16);
    if (kind === 0)
      words[2 * at + 1] &= 0x800f_ffff; // subnormal
    else if (kind === 1)
      words[2 * at] = random.below(3) - 1; // few bits: powers of two and their neighbours
    else if (kind === 2)
      numbers[at] = random.below(2 ** 53) * (random.chance(0.5) ? 1 : 2 ** random.below(60));
    else if (kind === 3) numbers[at] = random.below(10 ** (1 + random.below(8))) / 10 ** random.below(12);
    else if (kind === 4) nudge(numbers, words, at, random);
    else if (kind === 5) numbers[at] = random.uniform();
  }
  if (index % 2 === 1) alignMagnitudes(words, random);
  return spell(numbers, random);
}

/** Gives 64 numbers at a time the same binary exponent, so that the module finds their digits together. */
function alignMagnitudes(words, random) {
  for (let at = 0; at < BATCH; at++) {
    const first = at - (at % 64);
    words[2 * at + 1] = (words[2 * at + 1] & 0x800f_ffff) | (words[2 * first + 1] & 0x7ff0_0000);
    if (random.below(100) === 0) {
      words[2 * at] = 0; // a power of two
      words[2 * at + 1] &= 0xfff0_0000;
    }
  }
}

function nudge(numbers, words, at, random) {
  numbers[at] = random.pick(EDGES);
  const steps = random.below(5) - 2;
  // Change the low word only if no carry into the high word is possible.
  if (words[2 * at] > 2 && words[2 * at] < 0xffff_fffd) words[2 * at] += steps;
}

/** Writes numbers in every notation, and leaves out infinite numbers. */
function spell(numbers, random) {
  const texts = [];
  for (const number of numbers) {
    if (Number.isFinite(number)) texts.push(spellings[random.pick(names)](number, random));
  }
  for (let at = 0; at < texts.length; at += 50) texts[at] = halfway(random);
  return texts.filter((text) => Number.isFinite(Number(text)));
}

/** The exact decimal digits of the middle between two neighbouring doubles, or of a number very close to it. */
function halfway(random) {
  const significand = 2n * (2n ** 52n + BigInt(random.below(2 ** 52))) + 1n;
  const exponent = random.below(2000) - 1070;
  const beside = random.pick(['', '', '0', '1', '000000001']);
  if (exponent >= 0) return `${significand << BigInt(exponent % 970)}.${beside === '' ? '0' : beside}`;
  // Because significand / 2^n = significand * 5^n / 10^n.
  return `${significand * 5n ** BigInt(-exponent)}${beside}e${exponent - beside.length}`;
}
