// The head of a module's response: its header fields. See docs/abi.md, section 3.

import { type Headers, isGuestField, MAX_FIELDS, MAX_HEAD_BYTES, TOKEN } from '../guest';

const decoder = new TextDecoder('utf-8', { fatal: true });
/** Latin-1 without control characters, except the tab. */
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
/** How many characters of a wrong header are logged. */
const MAX_SHOWN = 200;

/** Reads the response heads of one instance. A head that equals the previous head is not parsed again. */
export class ResponseHeads {
  /** The previous head, one character for each byte: strings are compared faster than buffers. */
  #last = '';
  #headers: Headers = [];

  /**
   * Reads the head in `memory` from `start` to `end`.
   *
   * @throws Error if the head is not valid
   */
  read(memory: Buffer, start: number, end: number): Headers {
    if (end - start > MAX_HEAD_BYTES) {
      throw new Error(`the response head has ${end - start} bytes, the most is ${MAX_HEAD_BYTES}`);
    }
    const bytes = memory.subarray(start, end);
    const head = bytes.toString('latin1');
    if (head !== this.#last) {
      this.#headers = parse(bytes);
      this.#last = head;
    }
    return this.#headers;
  }
}

function parse(bytes: Uint8Array): Headers {
  if (bytes.length === 0) return [];
  const head: unknown = JSON.parse(decoder.decode(bytes));
  const headers = typeof head === 'object' && head !== null && 'headers' in head ? head.headers : [];
  if (!Array.isArray(headers)) throw new Error('the response head has headers that are not a list');
  if (headers.length > MAX_FIELDS) {
    throw new Error(`the response head has ${headers.length} header fields, the most is ${MAX_FIELDS}`);
  }
  for (const pair of headers) {
    const valid = Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string';
    if (!valid || !TOKEN.test(pair[0]) || !VALUE.test(pair[1])) {
      const shown = JSON.stringify(pair).slice(0, MAX_SHOWN);
      throw new Error(`the response head has a header that HTTP cannot carry: ${shown}`);
    }
  }
  return headers.filter(([name]) => isGuestField(name));
}
