// Limits how large and complex a module's functions may be. V8's compilers use memory outside of the module's memory,
// go on after a deadline has ended the thread, and end the whole process if they run out of memory. See docs/abi.md,
// section 10.

import { CompilerMemory, worstMemory } from './compilerMemory';
import { Reader, skipValueType } from './sections';
import type { Signatures } from './signatures';

/** The longest function of esbuild, a large program in Go, has 200 KB. V8 refuses more than 7 MB, but it can crash at less. */
const MAX_FUNCTION_BYTES = 512 << 10;
/** Large programs need up to 50 MiB for a function. V8 may compile several functions at once. */
const MAX_COMPILER_BYTES = 512 << 20;

/**
 * Checks the functions of a code section.
 *
 * @throws Error if a function could crash V8
 */
export function checkCode(reader: Reader, bytes: Uint8Array, signatures: Signatures): void {
  const { imported, most } = signatures;
  const count = reader.next();
  for (let index = 0; index < count; index++) {
    const length = reader.next();
    const end = reader.at + length;
    if (length > MAX_FUNCTION_BYTES) {
      throw new Error(`${nameOf(index)} has ${length} bytes; the most is ${MAX_FUNCTION_BYTES}`);
    }
    const code = new Reader(bytes, reader.at, end);
    const locals = countLocals(code);
    // Reading the instructions is slow, so it is skipped if even the worst code of this length would pass.
    if (worstMemory(length, locals, most) > MAX_COMPILER_BYTES) {
      const type = signatures.ofFunction(imported + index);
      const memory = new CompilerMemory(signatures, code, locals + type.parameters, type).count();
      if (memory > MAX_COMPILER_BYTES) {
        throw new Error(
          `${nameOf(index)} is too complex: with its ${locals} local variables, its branches and its operand stack, the engine could need ${memory} bytes to compile it; the most is ${MAX_COMPILER_BYTES}`,
        );
      }
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
