// The most memory that a module may have: written into the module, since an instance's own memory grows by itself.

const HEADER_BYTES = 8;
const MEMORY_SECTION = 5;
const PAGE_BYTES = 65_536;
const HAS_MAXIMUM = 1;
const MOST_PAGES = 65_536;

/**
 * A module's bytes with the maximum of its memory lowered to a limit.
 *
 * @throws Error where its memory is larger than that from the start
 */
export function limitMemory(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const pages = Math.min(Math.floor(maxBytes / PAGE_BYTES), MOST_PAGES);
  for (const section of sections(bytes)) {
    if (section.id !== MEMORY_SECTION) continue;
    const reader = new Reader(bytes, section.start);
    // A module of this ABI has one memory; the engine has checked that it is a valid one.
    const [count, flags, minimum] = [reader.next(), reader.next(), reader.next()];
    if (count !== 1) return bytes;
    if (minimum > pages) {
      throw new Error(
        `its memory has ${minimum * PAGE_BYTES} bytes from the start, more than the ${maxBytes} it may have`,
      );
    }
    const maximum = flags & HAS_MAXIMUM ? Math.min(reader.next(), pages) : pages;
    const content = [count, flags | HAS_MAXIMUM, minimum, maximum].flatMap(encode);
    return Buffer.concat([
      bytes.subarray(0, section.idAt),
      Uint8Array.of(MEMORY_SECTION, ...encode(content.length), ...content),
      bytes.subarray(section.end),
    ]);
  }
  return bytes;
}

function* sections(bytes: Uint8Array) {
  const reader = new Reader(bytes, HEADER_BYTES);
  while (reader.at < bytes.length) {
    const [idAt, id, length] = [reader.at, reader.next(), reader.next()];
    const start = reader.at;
    yield { idAt, id, start, end: start + length };
    reader.at = start + length;
  }
}

/** Reads unsigned LEB128. */
class Reader {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {}

  next(): number {
    for (let [value, factor] = [0, 1]; ; factor *= 128) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }
}

function encode(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 128) | 0x80, ...encode(Math.floor(value / 128))];
}
