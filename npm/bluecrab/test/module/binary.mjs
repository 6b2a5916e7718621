// Writes modules as bytes, for sections and functions that would be too long as text.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { declare, folder } from '../guest.mjs';

export const [I32, I64, F64, V128, FUNCREF] = [0x7f, 0x7e, 0x7c, 0x7b, 0x70];
let files = 0;

/** Joins bytes, lists of bytes and buffers. */
export const bytes = (...parts) =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))));

/** Repeats an instruction. */
export const times = (count, ...code) => Buffer.alloc(bytes(...code).length * count, bytes(...code));

/** A number in LEB128, unsigned. */
export function leb(value) {
  return value < 0x80 ? [value] : [(value % 128) | 0x80, ...leb(Math.floor(value / 128))];
}

/** `i32.const` with a number that is not negative. */
export function constant(value) {
  const rest = leb(value);
  // The last byte must not have the bit of the sign.
  return bytes(0x41, (rest.at(-1) & 0x40) === 0 ? rest : [...rest.slice(0, -1), rest.at(-1) | 0x80, 0]);
}

const sized = (content) => bytes(leb(content.length), content);
export const list = (items) =>
  Buffer.concat([Buffer.from(leb(items.length)), Buffer.concat(items.map((each) => Buffer.from(each)))]);
export const name = (text) => sized(Buffer.from(text));
export const section = (id, ...content) => bytes(id, sized(bytes(...content)));
export const type = (parameters, results) =>
  bytes(0x60, list(parameters.map((each) => [each])), list(results.map((each) => [each])));

/** A function: `locals` are pairs of a number and a type. */
export function code(locals, ...instructions) {
  return sized(bytes(list(locals.map(([count, each]) => bytes(leb(count), each))), ...instructions, 0x0b));
}

/** The types of each module: of a function that requests call, of `bluecrab_alloc`, and of a function without values. */
export const [CALLED, ALLOC, PLAIN] = [0, 1, 2];
const TYPES = [type([I32, I32, I32, I32], [I32]), type([I32], [I32]), type([], [])];

/**
 * Writes a module whose function `f` is the first of `functions`: pairs of a type's index and `code`. It answers 200 if
 * it returns 0. Returns the path of the file.
 *
 * Function 0 is `bluecrab_alloc`, unless there are imports: triples of module, name and type's index.
 */
export function writeBinary(
  functions,
  {
    types = [],
    imports = [],
    exports = [],
    tags = [],
    tables = [],
    globals = [],
    elements = [],
    pages = 1,
    start,
    after = [],
  } = {},
  declaration = {},
) {
  const file = join(folder, `binary${files++}.wasm`);
  const first = imports.length;
  const all = [[ALLOC, code([], constant(1024))], ...functions];
  const exported = [
    bytes(name('memory'), 2, 0),
    bytes(name('bluecrab_alloc'), 0, leb(first)),
    bytes(name('f'), 0, leb(first + 1)),
    ...exports,
  ];
  const optional = (id, items) => (items.length > 0 ? section(id, list(items)) : []);
  const module = bytes(
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, list([...TYPES, ...types])),
    optional(
      2,
      imports.map(([from, field, index]) => bytes(name(from), name(field), 0, leb(index))),
    ),
    section(3, list(all.map(([index]) => leb(index)))),
    optional(4, tables),
    section(5, [1, 0], leb(pages)),
    optional(13, tags),
    optional(6, globals),
    section(7, list(exported)),
    start === undefined ? [] : section(8, leb(start)),
    optional(9, elements),
    section(10, list(all.map(([, body]) => body))),
    section(11, [1, 0], constant(0), 0x0b, [4, 200, 0, 0, 0]),
    ...after,
  );
  writeFileSync(file, module);
  writeFileSync(file.replace('.wasm', '.functions.json'), JSON.stringify(declare('f', declaration)));
  return file;
}
