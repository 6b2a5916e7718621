// A request body in the pieces in which it came.

import type { BodyShare } from './bodyBudget';

/** Below this, memory is left to the garbage collector. */
const FREED_FROM_BYTES = 256 << 10;

/** The body is longer than the function takes. */
export class BodyTooLarge extends Error {}

export class Chunks {
  readonly list: Uint8Array[] = [];
  length = 0;
  /** Whether nobody else has the pieces, so that their memory may be freed. */
  areOwned = false;
  readonly #maxBytes: number;
  readonly #declared: number;
  readonly #share: BodyShare;

  /**
   * @param declared - how long the body says it is; not a number if it does not
   * @param share - counts the bytes, until they are released
   * @throws BodyTooLarge or BodiesFull if that is too much
   */
  constructor(declared: number, maxBytes: number, share: BodyShare) {
    if (declared > maxBytes) throw new BodyTooLarge();
    share.reserve(declared || 0);
    this.#declared = declared || 0;
    this.#maxBytes = maxBytes;
    this.#share = share;
  }

  /**
   * Adds a piece.
   *
   * @throws BodyTooLarge or BodiesFull if there are too many bytes with it
   */
  add(piece: Uint8Array): void {
    this.list.push(piece);
    this.length += piece.length;
    if (this.length > this.#maxBytes) throw new BodyTooLarge();
    if (this.length > this.#declared) this.#share.reserve(this.length);
  }

  /** Copies the bytes to where there is room for them, from `offset` on. */
  copyTo(target: Uint8Array, offset: number): void {
    let end = offset;
    for (const piece of this.list) {
      target.set(piece, end);
      end += piece.length;
    }
  }

  /** Frees the bytes, which are needed no more. */
  release(): void {
    this.#share.release();
    const pieces = this.list.splice(0);
    if (this.areOwned && this.length >= FREED_FROM_BYTES) pieces.forEach(free);
  }
}

/** So much of what is freed is kept for the next bodies, by an allocator like glibc's. */
const KEPT_BYTES = 8 << 20;
let keeping = false;

/**
 * Has the allocator keep freed memory.
 *
 * glibc gives the end of its heap back to the system when the pieces of a body are freed, so that those of the next one
 * cost a page fault for every 4 KiB. It keeps twice as much as the largest block of its own that it has seen freed.
 */
export function keepFreedMemory(): void {
  if (keeping) return;
  keeping = true;
  free(Buffer.allocUnsafeSlow(KEPT_BYTES / 2));
}

let nowhere: MessagePort | undefined;

/**
 * Frees a piece's memory at once, where it has a buffer of its own.
 *
 * Megabytes of garbage outside of its heap make the engine collect all of the heap every few calls. A buffer that is
 * transferred to nobody is gone without that; `ArrayBuffer.prototype.transfer` does it from Node.js 22 on.
 */
function free({ buffer, length }: Uint8Array): void {
  if (length === 0 || !(buffer instanceof ArrayBuffer) || buffer.byteLength !== length) return;
  if ('transfer' in buffer) (buffer.transfer as (length: number) => void)(0);
  else {
    nowhere ??= closedPort();
    nowhere.postMessage(undefined, [buffer]);
  }
}

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}
