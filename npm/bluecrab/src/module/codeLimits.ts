// Limits how large and complex a module's functions may be. V8's compiler uses memory outside of the module's memory,
// goes on after a deadline has ended the thread, and ends the whole process if it runs out of memory. See docs/abi.md,
// section 10.

import { Reader, skipValueType } from './sections';

/** Ten times the largest function of a Go program. V8 refuses more than 7 MB, but it can crash at less. */
const MAX_FUNCTION_BYTES = 512 << 10;
/** V8 may create a value for each local variable at each end of a block, and it crashes at 2^24 values. */
const MAX_MERGED_LOCALS = 1 << 23;

/** block, loop, if, try, and try_table. */
const BLOCKS = [0x02, 0x03, 0x04, 0x06, 0x1f];

/**
 * Checks the functions of a code section.
 *
 * @throws Error if a function could crash V8
 */
export function checkCode(reader: Reader, bytes: Uint8Array): void {
  const count = reader.next();
  for (let index = 0; index < count; index++) {
    const length = reader.next();
    const end = reader.at + length;
    if (length > MAX_FUNCTION_BYTES) {
      throw new Error(`${nameOf(index)} has ${length} bytes; the most is ${MAX_FUNCTION_BYTES}`);
    }
    const locals = countLocals(new Reader(bytes, reader.at, end));
    // Counting blocks is slow, so it is skipped if the function has few local variables.
    const blocks = locals * length > MAX_MERGED_LOCALS ? countBlocks(bytes.subarray(reader.at, end)) : 0;
    if (locals * blocks > MAX_MERGED_LOCALS) {
      throw new Error(
        `${nameOf(index)} has ${locals} local variables and up to ${blocks} blocks; their product may be ${MAX_MERGED_LOCALS}`,
      );
    }
    reader.at = end;
  }
}

function nameOf(index: number): string {
  return `its function ${index} (imports not counted)`;
}

function countLocals(reader: Reader): number {
  let locals = 0;
  for (let groups = reader.next(); groups > 0; groups--) {
    locals += reader.next();
    skipValueType(reader);
  }
  return locals;
}

/** Returns an upper bound of the number of blocks: it counts every byte that could begin a block. */
function countBlocks(code: Uint8Array): number {
  return code.reduce((count, byte) => (BLOCKS.includes(byte) ? count + 1 : count), 0);
}
