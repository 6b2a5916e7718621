// The file that a runtime gets of a module which comes in more than one. See docs/abi.md, section 8.

import { existsSync } from 'node:fs';

/** A module with one instruction of relaxed SIMD, `f64x2.relaxed_madd`: valid where the runtime has them. */
const RELAXED_SIMD = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x87, 0x02, 0x0b],
);

/** `NAME.relaxed-simd.wasm` in place of `NAME.wasm`, where it is there and the runtime can run it. */
export function bestVariant(file: string): string {
  const variant = file.replace(/\.wasm$/, '.relaxed-simd.wasm');
  return variant !== file && existsSync(variant) && WebAssembly.validate(RELAXED_SIMD) ? variant : file;
}
