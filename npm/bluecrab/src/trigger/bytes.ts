import { isAnyArrayBuffer } from 'node:util/types';
import { toJson } from './json';

/**
 * Returns a value as a module receives it: bytes as they are, a string in UTF-8, anything else as JSON. A missing value
 * has no bytes.
 */
export function bytesOf(value: unknown): Uint8Array {
  if (value === undefined || value === null) return new Uint8Array();
  if (typeof value === 'string') return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  // Unlike `instanceof`, this knows the buffers of other realms, such as those of a test that runs in `node:vm`.
  if (isAnyArrayBuffer(value)) return new Uint8Array(value);
  return Buffer.from(toJson(value));
}
