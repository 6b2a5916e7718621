// Reads and writes the sections of a module's binary, for what has to be changed before the module is compiled.

export const HEADER_BYTES = 8;
const CUSTOM = 0;
const TYPED_REFERENCES = [0x63, 0x64];
/** A memory or table has a maximum. */
export const HAS_MAXIMUM = 1;
/** Compilers write about thirty sections. */
const MAX_SECTIONS = 1000;

export interface Section {
  id: number;
  /** Where the section begins, with its id. */
  begin: number;
  /** Where its content begins. */
  start: number;
  end: number;
}

/**
 * Yields the sections in their order. The caller compiles the result, so a broken binary is found there.
 *
 * @throws Error if there are too many sections, or a section is cut off
 */
export function* sections(bytes: Uint8Array): Generator<Section, void> {
  const reader = new Reader(bytes, HEADER_BYTES);
  for (let count = 0; reader.at < bytes.length; count++) {
    if (count === MAX_SECTIONS) throw new Error(`it has more than ${MAX_SECTIONS} sections`);
    const [begin, id, length] = [reader.at, reader.next(), reader.next()];
    const section = { id, begin, start: reader.at, end: reader.at + length };
    yield section;
    reader.at = section.end;
  }
}

/**
 * Compiles the custom sections alone, for `WebAssembly.Module.customSections`: the manifest says how the other sections
 * must be changed before they are compiled. Debug information is left out: with it, a debugger would take the result for
 * a module with code.
 *
 * @throws WebAssembly.CompileError if the bytes are not a WebAssembly module
 */
export function customSectionsOf(bytes: Uint8Array): WebAssembly.Module {
  const custom = [...sections(bytes)].filter(({ id, start }) => id === CUSTOM && !isDebugInfo(bytes, start));
  const parts = custom.map(({ begin, end }) => bytes.subarray(begin, end));
  return new WebAssembly.Module(Buffer.concat([bytes.subarray(0, HEADER_BYTES), ...parts]));
}

function isDebugInfo(bytes: Uint8Array, start: number): boolean {
  // The length of the name comes first.
  return Buffer.from(bytes.subarray(start + 1, start + 8)).toString() === '.debug_';
}

/** Reads numbers in unsigned LEB128. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  at: number;

  constructor(bytes: Uint8Array, at: number, end = bytes.length) {
    this.#bytes = bytes;
    this.#end = Math.min(end, bytes.length);
    this.at = at;
  }

  /**
   * Reads the next number.
   *
   * @throws Error at the end of the section
   */
  next(): number {
    let value = 0;
    for (let factor = 1; this.at < this.#end; factor *= 128) {
      const byte = this.#bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new Error('a section ends too early');
  }

  /** Reads the next byte. */
  byte(): number {
    if (this.at >= this.#end) throw new Error('a section ends too early');
    return this.#bytes[this.at++] as number;
  }

  /** Returns the bytes that `skip` reads. */
  read(skip: (reader: Reader) => void): Uint8Array {
    const start = this.at;
    skip(this);
    return this.#bytes.subarray(start, this.at);
  }
}

/** Skips a value type, which may be a reference type of several bytes. */
export function skipValueType(reader: Reader): void {
  if (TYPED_REFERENCES.includes(reader.next())) reader.next();
}

/** Reads the limits of a memory or table. */
export function limits(reader: Reader): { flags: number; minimum: number; maximum: number } {
  const [flags, minimum] = [reader.next(), reader.next()];
  return { flags, minimum, maximum: flags & HAS_MAXIMUM ? reader.next() : Number.POSITIVE_INFINITY };
}

/** Writes a number in unsigned LEB128. */
export function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 128) | 0x80, ...leb128(Math.floor(value / 128))];
}

/** Writes a section. */
export function sectionOf(id: number, ...content: ArrayLike<number>[]): Uint8Array {
  const bytes = Buffer.concat(content.map((part) => Uint8Array.from(part)));
  return Buffer.concat([Uint8Array.from([id, ...leb128(bytes.length)]), bytes]);
}
