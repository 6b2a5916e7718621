// Limits how much memory a module can take from the process. An instance can grow its memory and tables without the
// library, so the limits are written into the module before it is compiled. See docs/abi.md, section 10.

import { checkCode } from './codeLimits';
import {
  HAS_MAXIMUM,
  HEADER_BYTES,
  leb128,
  limits,
  Reader,
  type Section,
  sectionOf,
  sections,
  skipValueType,
} from './sections';
import { Signatures } from './signatures';

const [CUSTOM, TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, START, ELEMENT, CODE, TAG] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13,
];

const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;
/** The entries of all tables together. An entry takes about 40 bytes of V8's heap; large programs have 9,000 entries. */
const MAX_TABLE_ENTRIES = 100_000;
/**
 * The most bytes of a section. Each instance has an object of V8's heap, of up to 400 bytes, for each import, export,
 * tag and function that is referred to. V8 compiles code for each type of an import before the instance can start, and
 * Node.js 20 compares each type with all others. The most in fifty large programs and components was 38 KiB of imports,
 * 3 KiB of types, 20 KiB of functions and 350 KiB of exports.
 */
const MAX_SECTION_BYTES = new Map([
  [TYPE, { what: 'types', most: 32 << 10 }],
  [IMPORT, { what: 'imports', most: 256 << 10 }],
  [FUNCTION, { what: 'functions', most: 256 << 10 }],
  [TAG, { what: 'tags', most: 32 << 10 }],
  [GLOBAL, { what: 'globals', most: 1 << 20 }],
  [EXPORT, { what: 'exports', most: 1 << 20 }],
  [ELEMENT, { what: 'element segments', most: 1 << 20 }],
]);

/** A large program has 2 MiB of names. */
const MAX_NAMES_BYTES = 8 << 20;

const IS_SHARED = 2;
const IS_64_BIT = 4;

const WITH_INITIAL_VALUE = 0x40;

/** The name under which `exportStart` exports the start function. */
export const START_EXPORT = 'bluecrab start';

/**
 * Lowers the maximum of a module's memory and tables to what the module may have. Returns the new bytes.
 *
 * @throws Error if the module starts with more than that, or has something that cannot be limited
 */
export function limitModule(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const parts = [bytes.subarray(0, HEADER_BYTES)];
  const signatures = new Signatures();
  for (const section of sections(bytes)) {
    const reader = new Reader(bytes, section.start, section.end);
    if (hasLongNames(section, bytes)) continue;
    checkLength(section);
    signatures.read(section.id, new Reader(bytes, section.start, section.end));
    if (section.id === CODE) checkCode(reader, bytes, signatures);
    if (section.id === TABLE) parts.push(sectionOf(TABLE, limitedTables(reader)));
    else if (section.id === MEMORY) parts.push(sectionOf(MEMORY, limitedMemory(reader, maxBytes)));
    else parts.push(bytes.subarray(section.begin, section.end));
  }
  return Buffer.concat(parts);
}

/** Whether a module has a memory of its own, which it may not export. */
export function hasMemory(bytes: Uint8Array): boolean {
  return [...sections(bytes)].some(
    ({ id, start, end }) => id === MEMORY && new Reader(bytes, start, end).next() > 0,
  );
}

/**
 * Makes an export of a module's start function. Returns the new bytes.
 *
 * The engine would run a start function before it returns the instance. Imports that read the memory would fail then,
 * since they do not have the memory yet.
 */
export function exportStart(bytes: Uint8Array): Uint8Array {
  const all = [...sections(bytes)];
  const start = all.find(({ id }) => id === START);
  if (start === undefined) return bytes;
  const index = new Reader(bytes, start.start, start.end).next();
  const name = [...Buffer.from(START_EXPORT)];
  const added = [...leb128(name.length), ...name, 0, ...leb128(index)];
  const parts = all.flatMap(({ id, begin, start, end }) => {
    if (id === START) return [];
    if (id !== EXPORT) return [bytes.subarray(begin, end)];
    const reader = new Reader(bytes, start, end);
    const count = leb128(reader.next() + 1);
    return [sectionOf(EXPORT, count, bytes.subarray(reader.at, end), added)];
  });
  return Buffer.concat([bytes.subarray(0, HEADER_BYTES), ...parts]);
}

/** Whether the section has names of functions that are so long that the text of a trap could fill V8's heap. */
function hasLongNames({ id, start, end }: Section, bytes: Uint8Array): boolean {
  if (id !== CUSTOM || end - start <= MAX_NAMES_BYTES) return false;
  const reader = new Reader(bytes, start, end);
  const length = reader.next();
  return Buffer.from(bytes.subarray(reader.at, reader.at + length)).toString() === 'name';
}

function checkLength({ id, start, end }: Section): void {
  const limit = MAX_SECTION_BYTES.get(id);
  if (limit === undefined || end - start <= limit.most) return;
  throw new Error(`its ${limit.what} have ${end - start} bytes; the most is ${limit.most}`);
}

function limitedTables(reader: Reader): number[] {
  const count = reader.next();
  const tables = Array.from({ length: Math.min(count, MAX_TABLE_ENTRIES) }, () => {
    const type = reader.read(skipValueType);
    if (type[0] === WITH_INITIAL_VALUE)
      throw new Error('a table has an initial value, which is not supported');
    const { flags, minimum, maximum } = limits(reader);
    if (flags > HAS_MAXIMUM) throw new Error('a table is shared or has 64-bit indices; neither is allowed');
    return { type, minimum, maximum };
  });
  if (tables.length < count) throw new Error(`it has ${count} tables; the most is ${MAX_TABLE_ENTRIES}`);
  const total = tables.reduce((sum, { minimum }) => sum + minimum, 0);
  if (total > MAX_TABLE_ENTRIES) {
    throw new Error(`its tables have ${total} entries from the start; the most is ${MAX_TABLE_ENTRIES}`);
  }
  // Each table may grow by an equal share of the entries that the limit leaves.
  const growth = Math.floor((MAX_TABLE_ENTRIES - total) / count);
  const entries = tables.flatMap(({ type, minimum, maximum }) => [
    ...type,
    HAS_MAXIMUM,
    ...leb128(minimum),
    ...leb128(Math.min(maximum, minimum + growth)),
  ]);
  return [...leb128(count), ...entries];
}

function limitedMemory(reader: Reader, maxBytes: number): number[] {
  const pages = Math.min(Math.floor(maxBytes / PAGE_BYTES), MOST_PAGES);
  const count = reader.next();
  if (count === 0) return [0];
  if (count > 1) throw new Error(`it has ${count} memories; one is allowed`);
  const { flags, minimum, maximum } = limits(reader);
  if (flags & IS_SHARED) throw new Error('its memory is shared, which docs/abi.md, section 1, forbids');
  if (flags & IS_64_BIT)
    throw new Error('its memory is 64-bit; docs/abi.md, section 1, requires a 32-bit memory');
  if (minimum > pages) {
    const size = minimum * PAGE_BYTES;
    throw new Error(
      `its memory has ${size} bytes from the start, more than the ${maxBytes} that are allowed; raise max_memory or maxMemoryBytes`,
    );
  }
  return [1, flags | HAS_MAXIMUM, minimum, Math.min(maximum, pages)].flatMap(leb128);
}
