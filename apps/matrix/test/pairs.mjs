// The bodies of the differential test. The same seed and index make the same body.

import { generator, json, kinds, matrix, spellings } from './random.mjs';

/** The percentage of pairs that have dimensions up to `limit`. */
const SIZES = [
  { share: 84, limit: 8 },
  { share: 13, limit: 40 },
  { share: 3, limit: 130 },
];
const SPACES = [' ', '\n', '\t', '\r', '\r\n  ', '   '];
/** The spellings of numbers, without the one that would make most products infinite. */
const FINITE = Object.keys(spellings).filter((name) => name !== 'extreme');
const SHORTEST = ['shortest'];
const EXTRA = '{"a":[[[]],{"b":null,"c":"\\u005d}\\"\\\\"}],"data":[true,1e5]}';

/** The body with this index. */
export function pairBody(seed, index) {
  const random = generator((Math.imul(seed, 0x9e3779b1) + Math.imul(index, 0x85ebca77)) >>> 0);
  const kind = kinds[random.pick(Object.keys(kinds))];
  const names = random.pick([SHORTEST, SHORTEST, FINITE, FINITE, Object.keys(spellings)]);
  const spell = (number) => spellings[random.pick(names)](number, random);
  const [rows, inner, columns] = lengths(random);
  // Sometimes the dimensions of the operands do not fit.
  const other = random.chance(0.06) ? lengths(random)[1] : inner;
  const operands = [
    operand(random, [rows, inner], 'right', kind, spell),
    operand(random, [other, columns], 'left', kind, spell),
  ];
  const space = random.chance(0.3) ? () => (random.chance(0.4) ? random.pick(SPACES) : '') : undefined;
  return Buffer.from(finish(random, envelope(random, operands), space));
}

function lengths(random) {
  let share = random.below(100);
  const { limit } = SIZES.find((size) => {
    share -= size.share;
    return share < 0;
  });
  return [0, 1, 2].map(() => (random.chance(0.02) ? 0 : 1 + random.below(limit)));
}

/** A matrix, a vector of its inner dimension, or a number. */
function operand(random, [rows, columns], inner, kind, spell) {
  const form = random.pick(['rows', 'rows', 'ndarray']);
  const what = random.below(100);
  if (what < 4) return spell(kind(random));
  if (what < 16) return vector(random, inner === 'right' ? columns : rows, form, kind, spell);
  const texts = matrix(random, rows, columns, kind, spell);
  if (rows > 1 && random.chance(0.02)) random.pick(texts).pop();
  if (form === 'rows') return json(texts, 'rows');
  return ndarray(random, [rows, columns], texts.flat());
}

function vector(random, length, form, kind, spell) {
  const [texts] = matrix(random, 1, length, kind, spell);
  return form === 'rows' ? `[${texts}]` : ndarray(random, [length], texts);
}

/** The members in any order. Some occur twice, some are unknown. */
function ndarray(random, dimensions, texts) {
  const members = [`"dim":[${dimensions}]`, `"data":[${texts}]`];
  if (random.chance(0.9)) members.push('"v":1');
  if (random.chance(0.1)) members.push(`"${random.pick(['other', 'dat', 'd\\u0069m2', ''])}":${EXTRA}`);
  shuffle(random, members);
  if (random.chance(0.1)) members.unshift(random.pick(['"dim":[7,7]', '"data":[1,2,3]', '"v":1']));
  return `{${members}}`;
}

function envelope(random, [one, two]) {
  if (random.chance(0.6)) return `[${one},${two}]`;
  const names = random.chance(0.2) ? ['matrix\\u004fne', '\\u006datrixTwo'] : ['matrixOne', 'matrixTwo'];
  const members = [`"${names[0]}":${one}`, `"${names[1]}":${two}`];
  if (random.chance(0.2)) members.push(`"${random.pick(['matrix', 'matrixThree', 'matrixOne '])}":${EXTRA}`);
  shuffle(random, members);
  if (random.chance(0.1)) members.unshift('"matrixTwo":[[1,2],[3,4]]');
  return `{${members}}`;
}

function shuffle(random, list) {
  for (let index = list.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    [list[index], list[other]] = [list[other], list[index]];
  }
}

/** Sometimes adds white space between the tokens, a byte order mark or a mistake. */
function finish(random, body, space) {
  let text = body;
  if (space) text = text.replace(/"(?:[^"\\]|\\.)*"|[[\]{},:]/g, (token) => `${space()}${token}${space()}`);
  if (random.chance(0.03)) text = `\ufeff${text}`;
  // The functions differ in how they check ndarray's version number, so a mistake must not change it.
  if (random.chance(0.04) && !text.includes('"v"')) text = broken(random, text);
  return text;
}

/** Removes a character or adds a character. */
function broken(random, text) {
  const at = random.below(text.length);
  const inserted = random.pick(['', '', '[', ']', ',', '}', '.', 'e', '-', '+', '0', '\u0001']);
  return text.slice(0, at) + inserted + text.slice(at + (inserted === '' ? 1 : 0));
}
