// The most memory that a module may have: written into the module, since an instance's own memory grows by itself.

import { leb128, Reader, sections } from './sections';

const MEMORY_SECTION = 5;
const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;
const HAS_MAXIMUM = 1;

/**
 * A module's bytes with the maximum of its memory lowered to a limit.
 *
 * @throws Error where its memory is larger than that from the start, or where it has several
 */
export function limitMemory(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const pages = Math.min(Math.floor(maxBytes / PAGE_BYTES), MOST_PAGES);
  for (const { id, begin, start, end } of sections(bytes)) {
    if (id !== MEMORY_SECTION) continue;
    const reader = new Reader(bytes, start);
    const count = reader.next();
    if (count === 0) return bytes;
    if (count > 1) throw new Error(`it has ${count} memories; one is allowed`);
    const [flags, minimum] = [reader.next(), reader.next()];
    if (minimum > pages) {
      const size = minimum * PAGE_BYTES;
      throw new Error(
        `its memory has ${size} bytes from the start, more than the ${maxBytes} that it may have`,
      );
    }
    const maximum = flags & HAS_MAXIMUM ? Math.min(reader.next(), pages) : pages;
    const content = [count, flags | HAS_MAXIMUM, minimum, maximum].flatMap(leb128);
    const section = [MEMORY_SECTION, ...leb128(content.length), ...content];
    return Buffer.concat([bytes.subarray(0, begin), Uint8Array.from(section), bytes.subarray(end)]);
  }
  return bytes;
}
