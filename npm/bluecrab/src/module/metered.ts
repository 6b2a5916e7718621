// The metered copy of a module, which runs on the event loop. See docs/abi.md, section 8.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { read } from './compile';
import { customSectionsOf } from './sections';

/** The section of the copy that holds the SHA-256 of the module. */
const ORIGINAL = 'bluecrab.metered.v1';

export interface MeteredCopy {
  file: string;
  bytes: Uint8Array;
}

/**
 * Reads `NAME.metered.wasm` next to `NAME.wasm`; returns nothing if there is no such file.
 *
 * @param module - the bytes of `file`
 * @throws Error if the copy was made from another module
 */
export function meteredCopy(file: string, module: Uint8Array): MeteredCopy | undefined {
  const copy = file.replace(/\.wasm$/, '.metered.wasm');
  if (copy === file || !existsSync(copy)) return undefined;
  const bytes = read(copy);
  if (!createHash('sha256').update(module).digest().equals(originalOf(bytes))) {
    throw new Error(`${copy} was not made from this ${file}: run bluecrab build again, or delete the copy`);
  }
  return { file: copy, bytes };
}

/** Returns the SHA-256 of the module from which a copy was made; empty if the file is not a metered copy. */
function originalOf(copy: Uint8Array): Uint8Array {
  try {
    const [original] = WebAssembly.Module.customSections(customSectionsOf(copy), ORIGINAL);
    return original ? new Uint8Array(original) : Buffer.of();
  } catch {
    return Buffer.of();
  }
}
