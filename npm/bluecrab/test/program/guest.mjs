// Writes programs for tests as WebAssembly text.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import createWabt from 'wabt';
import { data, folder } from '../guest.mjs';

const wabt = await createWabt();
let count = 0;

const wasi = (name, parameters, result = '(result i32)') =>
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${parameters}) ${result}))`;

/** `$print` writes to a descriptor. The function `$copy` copies the standard input to the standard output. */
const HEADER = `
  ${wasi('fd_write', 'i32 i32 i32 i32')} ${wasi('fd_read', 'i32 i32 i32 i32')} ${wasi('proc_exit', 'i32', '')}
  ${wasi('args_get', 'i32 i32')} ${wasi('args_sizes_get', 'i32 i32')}
  ${wasi('environ_get', 'i32 i32')} ${wasi('environ_sizes_get', 'i32 i32')}
  ${wasi('poll_oneoff', 'i32 i32 i32 i32')} ${wasi('fd_close', 'i32')} ${wasi('fd_renumber', 'i32 i32')}
  (func $print (param $to i32) (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (local.get $to) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $copy
    (loop $again
      (i32.store (i32.const 16) (i32.const 4096)) (i32.store (i32.const 20) (i32.const 4096))
      (drop (call $fd_read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)))
      (call $print (i32.const 1) (i32.const 4096) (i32.load (i32.const 24)))
      (br_if $again (i32.load (i32.const 24)))))`;

/** Writes WebAssembly text to a file, and returns its path. */
export function write(text) {
  const file = join(folder, `program${count++}.wasm`);
  writeFileSync(file, wabt.parseWat(file, `(module ${text})`, { exceptions: true }).toBinary({}).buffer);
  return file;
}

/**
 * Writes a program whose `main` has this body.
 *
 * @param texts - strings that are in the memory from 1024 on, each at a multiple of 1024
 */
export function program(body, { texts = [], pages = '2', imports = '', more = '' } = {}) {
  const segments = texts.map((text, index) => data(1024 * (index + 1), text)).join('');
  return write(
    `${imports} ${HEADER} (memory (export "memory") ${pages}) ${segments} ${more} (func (export "_start") (local $i i32) ${body})`,
  );
}

/** Prints text `index` of a program to a descriptor, as WebAssembly text. */
export const print = (to, text, index = 0) =>
  `(call $print (i32.const ${to}) (i32.const ${1024 * (index + 1)}) (i32.const ${Buffer.byteLength(text)}))`;

/** Prints the program's arguments (`args`) or its environment (`environ`), each with a NUL at its end. */
export const printStrings = (kind) => `
  (drop (call $${kind}_sizes_get (i32.const 32) (i32.const 36)))
  (drop (call $${kind}_get (i32.const 8192) (i32.const 16384)))
  (call $print (i32.const 1) (i32.const 16384) (i32.load (i32.const 36)))`;
