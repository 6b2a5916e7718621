// Buffers of bodies, used again once they are read or sent: a fresh one of megabytes costs more than the copy into it.

/** What is kept for the next bodies, in bytes. */
const MAX_KEPT_BYTES = 8 << 20;
/** Sizes are multiples of it, so that bodies of about the same length share a buffer. */
const STEP_BYTES = 64 << 10;

/** Smaller bodies get a buffer of their own. */
const LARGE_BYTES = 16 << 10;

const kept: ArrayBuffer[] = [];
let keptBytes = 0;

/** A buffer for a body, its content undefined. */
export function acquireBuffer(length: number): Uint8Array<ArrayBuffer> {
  if (length < LARGE_BYTES) return new Uint8Array(length);
  const size = Math.ceil(length / STEP_BYTES) * STEP_BYTES;
  const fitting = kept.filter(({ byteLength }) => byteLength >= size);
  const buffer = fitting.reduce<ArrayBuffer | undefined>(smaller, undefined);
  // A new one is not filled with zeros first.
  if (buffer === undefined)
    return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer as ArrayBuffer, 0, length);
  kept.splice(kept.indexOf(buffer), 1);
  keptBytes -= buffer.byteLength;
  return new Uint8Array(buffer, 0, length);
}

/**
 * Takes a buffer back that nobody reads any more; the oldest of those kept give way to it.
 *
 * Small ones are left to the garbage collector: of them there would be millions before they were too many bytes.
 */
export function releaseBuffer({ buffer }: Uint8Array<ArrayBuffer>): void {
  if (buffer.byteLength < LARGE_BYTES || buffer.byteLength > MAX_KEPT_BYTES) return;
  kept.push(buffer);
  keptBytes += buffer.byteLength;
  while (keptBytes > MAX_KEPT_BYTES) keptBytes -= kept.shift()?.byteLength ?? 0;
}

/** Whether a body's buffer is one to give back. */
export function isReusable({ length }: Uint8Array): boolean {
  return length >= LARGE_BYTES;
}

function smaller(one: ArrayBuffer | undefined, two: ArrayBuffer): ArrayBuffer {
  return one === undefined || two.byteLength < one.byteLength ? two : one;
}
