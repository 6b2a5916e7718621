// The head of a module's response: its header fields, and where its outputs are in the body. See docs/abi.md, sections
// 3 and 13.

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
  #last: Uint8Array = new Uint8Array();
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
    // Functions of one module may have different outputs, and with outputs few heads equal the previous head.
    if (outputs) return parse(memory.subarray(start, end), outputs);
    if (!this.#equalsLast(memory, start, end)) {
      const bytes = Uint8Array.from(memory.subarray(start, end));
      this.#head = parse(bytes);
      this.#last = bytes;
    }
    return this.#head;
  }

  /** Most heads are short: a loop takes less time than a call into Node.js. */
  #equalsLast(memory: Buffer, start: number, end: number): boolean {
    if (end - start !== this.#last.length) return false;
    for (let index = 0; index < this.#last.length; index++) {
      if (memory[start + index] !== this.#last[index]) return false;
    }
    return true;
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
