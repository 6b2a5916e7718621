// Reuses the buffers of large bodies: a new buffer of megabytes costs more than the copy into it.
//
// Each thread has its own free list. See docs/internals/architecture.md for who holds a buffer when.

/** How many bytes of buffers the free list keeps. */
const MAX_KEPT_BYTES = 8 << 20;
/** Sizes are rounded up to multiples of this, so that bodies of similar length can use the same buffer. */
const STEP_BYTES = 64 << 10;

/** Buffers of shorter bodies are not reused. */
const LARGE_BYTES = 16 << 10;

const kept: ArrayBuffer[] = [];
let keptBytes = 0;

/** Returns a buffer for a body. Its content is undefined. */
export function acquireBuffer(length: number): Uint8Array<ArrayBuffer> {
  if (length < LARGE_BYTES) return new Uint8Array(length);
  const size = Math.ceil(length / STEP_BYTES) * STEP_BYTES;
  const fitting = kept.filter(({ byteLength }) => byteLength >= size);
  const buffer = fitting.reduce<ArrayBuffer | undefined>(smaller, undefined);
  // Not filled with zeros, unlike `new ArrayBuffer`.
  if (buffer === undefined)
    return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer as ArrayBuffer, 0, length);
  kept.splice(kept.indexOf(buffer), 1);
  keptBytes -= buffer.byteLength;
  return new Uint8Array(buffer, 0, length);
}

/**
 * Puts a buffer that nobody reads any more into the free list, which drops its oldest buffers if it is full.
 *
 * The garbage collector frees small buffers: the list would hold millions before they filled it.
 */
export function releaseBuffer({ buffer }: Uint8Array<ArrayBuffer>): void {
  if (buffer.byteLength < LARGE_BYTES || buffer.byteLength > MAX_KEPT_BYTES) return;
  kept.push(buffer);
  keptBytes += buffer.byteLength;
  while (keptBytes > MAX_KEPT_BYTES) keptBytes -= kept.shift()?.byteLength ?? 0;
}

/** Whether the buffer of a body should be released. */
export function isReusable({ length }: Uint8Array): boolean {
  return length >= LARGE_BYTES;
}

function smaller(one: ArrayBuffer | undefined, two: ArrayBuffer): ArrayBuffer {
  return one === undefined || two.byteLength < one.byteLength ? two : one;
}
