// The response head: the header fields that a guest sets. See docs/abi.md, section 3.

import { MAX_FIELDS, MAX_HEAD_BYTES } from '../headLimits';

export type Headers = readonly [string, string][];

const decoder = new TextDecoder('utf-8', { fatal: true });
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** Latin-1 without control characters other than the tab. */
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
/** Fields of one connection, and those that the transport sets (RFC 9110, section 7.6.1). */
const DROPPED = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** So much of a wrong header is logged. */
const MAX_SHOWN = 200;

/** Reads the heads of one instance's responses. Most are like the one before, which is not parsed again. */
export class ResponseHeads {
  /** The last head, each byte a character: to compare texts is cheaper than to compare bytes. */
  #last = '';
  #headers: Headers = [];

  /**
   * The header fields of the head in `memory` from `start` to `end`.
   *
   * @throws Error where it is none
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
  if (!Array.isArray(headers)) throw new Error('the response head has headers that are no list');
  if (headers.length > MAX_FIELDS) {
    throw new Error(`the response head has ${headers.length} header fields, the most is ${MAX_FIELDS}`);
  }
  for (const pair of headers) {
    const valid = Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string';
    if (!valid || !NAME.test(pair[0]) || !VALUE.test(pair[1])) {
      const shown = JSON.stringify(pair).slice(0, MAX_SHOWN);
      throw new Error(`the response head has a header that HTTP cannot carry: ${shown}`);
    }
  }
  return headers.filter(([name]) => !DROPPED.has(name.toLowerCase()));
}
