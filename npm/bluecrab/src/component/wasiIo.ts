// The interfaces wasi:io of a component. Bodies are complete before and after a call, so a component only waits for
// clocks.

import { Resource } from './usage';

/** A stream throws this at its end; jco makes a `stream-error` of it. */
const CLOSED = { tag: 'closed' } as const;
const WRITE_BYTES = 1n << 20n;

/**
 * Checks how many bytes a component requests at once. They lie outside of its memory, so the limit of that memory does
 * not bound them.
 *
 * @throws Error if they are too many
 */
export function checkLength(length: bigint, what: string): void {
  if (length > WRITE_BYTES)
    throw new Error(`it asks for ${length} ${what} at once; at most ${WRITE_BYTES} are allowed`);
}

export class Pollable extends Resource {
  /** When it is ready, as `performance.now` counts milliseconds. */
  readonly readyAt: number;

  constructor(readyAt = 0) {
    super();
    this.readyAt = readyAt;
  }

  ready(): boolean {
    return performance.now() >= this.readyAt;
  }

  block(): void {
    waitUntil(this.readyAt);
  }
}

/** Blocks this thread. At the call's deadline the thread is terminated, and the wait with it. */
function waitUntil(time: number): void {
  const rest = time - performance.now();
  if (rest > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, rest);
}

/**
 * Waits until at least one of the pollables is ready. Returns the indices of all that are ready.
 *
 * @throws Error if there are no pollables, since the wait would never end
 */
export function poll(pollables: Pollable[]): Uint32Array {
  if (pollables.length === 0) throw new Error('it waits for an empty list of pollables');
  waitUntil(pollables.reduce((first, { readyAt }) => Math.min(first, readyAt), Number.POSITIVE_INFINITY));
  return Uint32Array.from(pollables.flatMap((pollable, index) => (pollable.ready() ? [index] : [])));
}

export class IoError extends Resource {
  toDebugString(): string {
    return 'the stream failed';
  }
}

export class InputStream extends Resource {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    super();
    this.#bytes = bytes;
  }

  read(length: bigint): Uint8Array {
    if (this.#at === this.#bytes.length) throw CLOSED;
    const end = Math.min(this.#bytes.length, this.#at + Number(length));
    const read = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return read;
  }

  blockingRead(length: bigint): Uint8Array {
    return this.read(length);
  }

  skip(length: bigint): bigint {
    return BigInt(this.read(length).length);
  }

  blockingSkip(length: bigint): bigint {
    return this.skip(length);
  }

  subscribe(): Pollable {
    return new Pollable();
  }
}

export class OutputStream extends Resource {
  readonly #write: (bytes: Uint8Array) => void;

  constructor(write: (bytes: Uint8Array) => void) {
    super();
    this.#write = write;
  }

  checkWrite(): bigint {
    return WRITE_BYTES;
  }

  write(bytes: Uint8Array): void {
    this.#write(bytes);
  }

  blockingWriteAndFlush(bytes: Uint8Array): void {
    this.#write(bytes);
  }

  flush(): void {}

  blockingFlush(): void {}

  writeZeroes(length: bigint): void {
    checkLength(length, 'zeroes');
    this.#write(new Uint8Array(Number(length)));
  }

  blockingWriteZeroesAndFlush(length: bigint): void {
    this.writeZeroes(length);
  }

  splice(from: InputStream, length: bigint): bigint {
    const bytes = from.read(length < WRITE_BYTES ? length : WRITE_BYTES);
    this.#write(bytes);
    return BigInt(bytes.length);
  }

  blockingSplice(from: InputStream, length: bigint): bigint {
    return this.splice(from, length);
  }

  subscribe(): Pollable {
    return new Pollable();
  }
}
