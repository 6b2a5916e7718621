// Reads, limits and compiles a WebAssembly file: a module, or a core module of a component.

import { readFileSync } from 'node:fs';
import { errorMessage } from '../errorMessage';
import { limitModule } from './limits';

/** @throws Error that names the file, like the other functions here */
export function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`cannot read the module ${file}: ${errorMessage(error)}`);
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
    throw new Error(`${file} is not a WebAssembly module: ${errorMessage(error)}`);
  }
}
