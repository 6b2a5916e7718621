// Calls WASI functions as a guest does: with pointers into a memory.

import { source } from '../source.mjs';

export const wasi = await source(
  'wasi/imports',
  'wasi/descriptors',
  'wasi/errno',
  'wasi/tree',
  'program/files',
  'fuel',
);

/** Where a test puts a path, what a function returns, and buffers. The memory has one page. */
export const [PATH, RESULT, VECTORS, BUFFER, END] = [1024, 2048, 3072, 4096, 65_536];

/** Returns the functions for an instance with these descriptors, and what reads and writes its memory. */
export function guest(descriptors, { args = [], environ = [] } = {}) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const bytes = Buffer.from(memory.buffer);
  const functions = wasi.wasiImports(() => memory.buffer, {
    args,
    environ,
    descriptors: new wasi.Descriptors(...descriptors),
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
    fuel: new wasi.Fuel(),
  });
  const vectors = (...lengths) => {
    let pointer = BUFFER;
    for (const [index, length] of lengths.entries()) {
      bytes.writeUInt32LE(pointer, VECTORS + index * 8);
      bytes.writeUInt32LE(length, VECTORS + index * 8 + 4);
      pointer += length;
    }
    return [VECTORS, lengths.length];
  };
  return {
    ...functions,
    bytes,
    /** Writes the vectors of buffers that follow each other, and returns a pointer and their number. */
    vectors,
    /** Writes a path, and returns a pointer and its length. */
    path: (text) => [PATH, bytes.write(text, PATH)],
    /** Reads with vectors of these lengths. Returns the error code and what was read. */
    read(descriptor, ...lengths) {
      const error = functions.fd_read(descriptor, ...vectors(...lengths), RESULT);
      return [error, bytes.toString('latin1', BUFFER, BUFFER + bytes.readUInt32LE(RESULT))];
    },
    /** Opens a path for reading. Returns the error code and the descriptor. */
    open(folder, text, how = 0, rights = 0n) {
      const [pointer, length] = [PATH, bytes.write(text, PATH)];
      const error = functions.path_open(folder, 0, pointer, length, how, rights, 0n, 0, RESULT);
      return [error, bytes.readUInt32LE(RESULT)];
    },
  };
}

/** Returns the standard streams of a program, and what it has written. */
export function pipes(input = '') {
  const written = { 1: [], 2: [] };
  const output = (number) =>
    new wasi.Output(wasi.UNKNOWN, (piece) => written[number].push(Buffer.from(piece()).toString()));
  return {
    written,
    descriptors: [new wasi.Input(wasi.UNKNOWN, Buffer.from(input)), output(1), output(2)],
  };
}
