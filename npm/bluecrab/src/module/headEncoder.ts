// Encodes the heads of requests, for the memory of a guest.

/** A longer head is not kept. */
const MOST_KEPT = 4096;

/** Encodes the request heads of one instance. A head that equals the previous head is not encoded again. */
export class HeadEncoder {
  #last = '';
  #bytes: Uint8Array = Buffer.of();

  encode(head: string): Uint8Array {
    if (head === this.#last) return this.#bytes;
    const bytes = Buffer.from(head);
    if (head.length <= MOST_KEPT) {
      this.#last = head;
      this.#bytes = bytes;
    }
    return bytes;
  }
}
