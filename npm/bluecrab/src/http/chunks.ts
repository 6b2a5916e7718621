// The body of a request, in the chunks in which it arrived.

import type { RequestBody } from '../guest';
import type { BodyShare } from './bodyBudget';
import { detach } from './detach';

/** The garbage collector frees the memory of shorter bodies. */
const MIN_DETACHED_BYTES = 256 << 10;

/**
 * So many chunks become one if they are short. Each chunk takes hundreds of bytes in addition to its own, and the client
 * decides how short the chunks are.
 */
const MERGED_CHUNKS = 1024;
const SHORT_BYTES = 1 << 10;

/** The body is longer than the function accepts. */
export class BodyTooLarge extends Error {}

/** The body was lost on its way, because the request does not declare its length. */
export class LengthMissing extends Error {}

/** The app has read the body, or reads it now. */
export class BodyRead extends Error {}

/** The body ended early. */
export class BodyBroken extends Error {}

export class Chunks implements RequestBody {
  readonly list: Uint8Array[] = [];
  length = 0;
  /** Whether nobody else refers to the chunks, so that their memory may be freed at once. */
  areOwned = false;
  readonly #maxBytes: number;
  readonly #declared: number;
  readonly #share: BodyShare;
  /** How many chunks at the start of the list, with how many bytes, stay as they are. */
  #settled = { chunks: 0, bytes: 0 };

  /**
   * @param declared - the length that the request's head declares, or NaN
   * @param share - counts the bytes until they are released
   * @throws BodyTooLarge or BodiesFull if the declared length is too much
   */
  constructor(declared: number, maxBytes: number, share: BodyShare) {
    if (declared > maxBytes) throw new BodyTooLarge();
    share.reserve(declared || 0);
    this.#declared = declared || 0;
    this.#maxBytes = maxBytes;
    this.#share = share;
  }

  /**
   * Adds a chunk.
   *
   * @throws BodyTooLarge or BodiesFull if the body is too long with this chunk
   */
  add(chunk: Uint8Array): void {
    this.list.push(chunk);
    this.length += chunk.length;
    if (this.length > this.#maxBytes) throw new BodyTooLarge();
    if (this.length > this.#declared) this.#share.reserve(this.length);
    if (this.list.length - this.#settled.chunks === MERGED_CHUNKS) this.#settle();
  }

  copyTo(target: Uint8Array, offset: number): void {
    let end = offset;
    for (const chunk of this.list) {
      target.set(chunk, end);
      end += chunk.length;
    }
  }

  release(): void {
    this.#share.release();
    const chunks = this.list.splice(0);
    if (this.areOwned && this.length >= MIN_DETACHED_BYTES) chunks.forEach(detach);
  }

  #settle(): void {
    const { chunks, bytes } = this.#settled;
    if (this.length - bytes < MERGED_CHUNKS * SHORT_BYTES)
      this.list.push(Buffer.concat(this.list.splice(chunks)));
    this.#settled = { chunks: this.list.length, bytes: this.length };
  }
}
