// The head of a module's response: its header fields, and where its outputs are in the body. See docs/abi.md, section
// 3.

import { type Headers, isGuestField, MAX_FIELDS, MAX_HEAD_BYTES, type ResponseParts, TOKEN } from '../guest';
import { readParts } from './responseParts';

/** The longest head of a function with outputs: it names each message. */
const MAX_OUTPUTS_HEAD_BYTES = 16 << 20;

const decoder = new TextDecoder('utf-8', { fatal: true });
/** Latin-1 without control characters, except the tab. */
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
/** How many characters of a wrong header are logged. */
const MAX_SHOWN = 200;

export interface ResponseHead {
  headers: Headers;
  /** The parts of the body, if the function has outputs. */
  parts?: ResponseParts | undefined;
}

/** Reads the response heads of one instance. A head that equals the previous head is not parsed again. */
export class ResponseHeads {
  /** The previous head, one character for each byte: strings are compared faster than buffers. */
  #last = '';
  #head: ResponseHead = { headers: [] };

  /**
   * Reads the head in `memory` from `start` to `end`.
   *
   * @param outputs - the names of the function's outputs, if it has outputs
   * @throws Error if the head is not valid
   */
  read(memory: Buffer, start: number, end: number, outputs?: readonly string[]): ResponseHead {
    const max = outputs ? MAX_OUTPUTS_HEAD_BYTES : MAX_HEAD_BYTES;
    if (end - start > max) {
      throw new Error(`the response head has ${end - start} bytes, the most is ${max}`);
    }
    const bytes = memory.subarray(start, end);
    // Functions of one module may have different outputs, and with outputs few heads equal the previous head.
    if (outputs) return parse(bytes, outputs);
    const head = bytes.toString('latin1');
    if (head !== this.#last) {
      this.#head = parse(bytes);
      this.#last = head;
    }
    return this.#head;
  }
}

function parse(bytes: Uint8Array, outputs?: readonly string[]): ResponseHead {
  const parsed: unknown = bytes.length === 0 ? {} : JSON.parse(decoder.decode(bytes));
  const head = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>;
  const headers = checkedHeaders(head.headers ?? []);
  if (outputs === undefined && head.outputs === undefined) return { headers };
  const parts = readParts(head, outputs ?? []);
  return outputs ? { headers, parts } : { headers };
}

function checkedHeaders(headers: unknown): Headers {
  if (!Array.isArray(headers)) throw new Error('the response head has headers that are not a list');
  if (headers.length > MAX_FIELDS) {
    throw new Error(`the response head has ${headers.length} header fields, the most is ${MAX_FIELDS}`);
  }
  let characters = 0;
  for (const pair of headers) {
    const valid = Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string';
    if (!valid || !TOKEN.test(pair[0]) || !VALUE.test(pair[1])) {
      const shown = JSON.stringify(pair).slice(0, MAX_SHOWN);
      throw new Error(`the response head has a header that HTTP cannot carry: ${shown}`);
    }
    characters += pair[0].length + pair[1].length;
  }
  if (characters > MAX_HEAD_BYTES) {
    throw new Error(`the response's headers have ${characters} bytes, the most is ${MAX_HEAD_BYTES}`);
  }
  return headers.filter(([name]) => isGuestField(name));
}
