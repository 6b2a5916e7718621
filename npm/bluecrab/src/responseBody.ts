// The parts of a response's body, without a copy.

import type { GuestResponse, Range } from './guest';

/** Returns the part of a response's body that the client, or the caller, gets. */
export function bodyOf({ body, parts }: GuestResponse): Buffer<ArrayBuffer> {
  return partOf(body, parts?.body ?? [0, body.length]);
}

export function partOf(
  { buffer, byteOffset }: Uint8Array<ArrayBuffer>,
  [offset, length]: Range,
): Buffer<ArrayBuffer> {
  return Buffer.from(buffer, byteOffset + offset, length);
}
