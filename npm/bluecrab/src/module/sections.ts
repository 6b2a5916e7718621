// The sections of a module's binary, as far as the library has to know them before the module is compiled.

const HEADER_BYTES = 8;
const CUSTOM = 0;

export interface Section {
  id: number;
  /** Where it begins, with its id. */
  begin: number;
  /** Where its content starts. */
  start: number;
  end: number;
}

/** The sections in their order; of a binary that is none whatever they seem to be. */
export function* sections(bytes: Uint8Array): Generator<Section, void> {
  const reader = new Reader(bytes, HEADER_BYTES);
  while (reader.at < bytes.length) {
    const [begin, id, length] = [reader.at, reader.next(), reader.next()];
    const section = { id, begin, start: reader.at, end: reader.at + length };
    yield section;
    reader.at = section.end;
  }
}

/** The custom sections with their names. */
export function customSections(bytes: Uint8Array): { name: string; content: Uint8Array }[] {
  const custom = [...sections(bytes)].filter(({ id }) => id === CUSTOM);
  return custom.map(({ start, end }) => {
    const reader = new Reader(bytes, start);
    const length = reader.next();
    const name = Buffer.from(bytes.subarray(reader.at, reader.at + length)).toString();
    return { name, content: bytes.subarray(reader.at + length, end) };
  });
}

/** Reads unsigned LEB128. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  at: number;

  constructor(bytes: Uint8Array, at: number, end = bytes.length) {
    this.#bytes = bytes;
    this.#end = Math.min(end, bytes.length);
    this.at = at;
  }

  /** The next number. Throws at the end. */
  next(): number {
    let value = 0;
    for (let factor = 1; this.at < this.#end; factor *= 128) {
      const byte = this.#bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new Error('a section ends too early');
  }

  /** The bytes that a function skips. */
  read(skip: (reader: Reader) => void): Uint8Array {
    const start = this.at;
    skip(this);
    return this.#bytes.subarray(start, this.at);
  }
}

/** A number as unsigned LEB128. */
export function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 128) | 0x80, ...leb128(Math.floor(value / 128))];
}

/** A section with this content. */
export function sectionOf(id: number, ...content: ArrayLike<number>[]): Uint8Array {
  const bytes = Buffer.concat(content.map((part) => Uint8Array.from(part)));
  return Buffer.concat([Uint8Array.from([id, ...leb128(bytes.length)]), bytes]);
}
