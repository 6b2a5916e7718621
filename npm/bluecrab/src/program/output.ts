// What a program writes to its standard output, up to a limit.

import { acquireBuffer, releaseBuffer } from '../buffers';

const FIRST_BYTES = 4096;

/** A buffer that doubles when it is full: a program may write one byte at a time. */
export class OutputBuffer {
  readonly #maxBytes: number;
  #buffer = acquireBuffer(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds bytes. Returns whether they fit. */
  add(bytes: Uint8Array): boolean {
    const length = this.#length + bytes.length;
    if (length > this.#maxBytes) return false;
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
    return true;
  }

  /** What was written. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  #grow(length: number): void {
    const old = this.#buffer;
    this.#buffer = acquireBuffer(Math.max(length, Math.min(2 * old.length, this.#maxBytes), FIRST_BYTES));
    this.#buffer.set(old.subarray(0, this.#length));
    releaseBuffer(old);
  }
}
