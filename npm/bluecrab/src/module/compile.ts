// Reads, limits and compiles a WebAssembly file: a module, or a core module of a component.

import { readFileSync } from 'node:fs';
import { errorMessage } from '../errorMessage';
import { limitModule } from './limits';

const COMPONENT = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]);
/** Matches V8's error in Node.js 20. */
const LACKS_EXTENDED_CONST = /opcode i(32|64)\.(add|sub|mul) is not allowed in constant expressions/;

/** @throws Error that names the file, like the other functions here */
export function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const hint = (error as NodeJS.ErrnoException).code === 'ENOENT' ? '; `bluecrab build` builds it' : '';
    throw new Error(`cannot read the module ${file}: ${errorMessage(error)}${hint}`);
  }
}

/** Writes the limits of the memory and the tables into a module. */
export function limit(bytes: Uint8Array, maxMemoryBytes: number, file: string): Uint8Array {
  try {
    return limitModule(bytes, maxMemoryBytes);
  } catch (error) {
    throw new Error(`${file} is refused: ${errorMessage(error)}`);
  }
}

export function compile(bytes: Uint8Array, file: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    if (isComponent(bytes)) throw new Error(`${file} is a component: register it with registerComponent`);
    const reason = errorMessage(error);
    if (LACKS_EXTENDED_CONST.test(reason))
      throw new Error(
        `${file} needs Node.js 22 or newer: it uses extended constant expressions of WebAssembly, which Node.js ` +
          `${process.versions.node} does not support`,
      );
    throw new Error(`${file} is not a WebAssembly module: ${reason}`);
  }
}

/** Whether the bytes begin with the version and the layer of a component. */
export function isComponent(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, COMPONENT.length)).equals(COMPONENT);
}
