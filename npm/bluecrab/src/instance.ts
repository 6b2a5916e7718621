// One instance of a module and the calls into it. See docs/abi.md, sections 1 to 3.

import { takeBuffer } from './buffers';
import { MAX_FIELDS, MAX_HEAD_BYTES } from './limits';
import { type Log, LogLines, levelName, MAX_ENTRY_BYTES } from './log';
import type { Stopwatch } from './serverTiming';
import { wasiImports } from './wasi';

export type { Log } from './log';

/** The bytes of a request, which leave for the guest's memory. */
export interface RequestBody {
  readonly length: number;
  /** Moves them to a place of the same length; nothing is left here. */
  moveTo(target: Uint8Array): void;
}

/** A response as the guest gives it; the body is a copy. */
export interface GuestResponse {
  status: number;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
}

interface Exports {
  memory: WebAssembly.Memory;
  bluecrab_alloc(length: number): number;
  _initialize?(): void;
  [name: string]: unknown;
}

const RECORD_BYTES = 20;
const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();
const EMPTY = new Uint8Array(0);

/** The guest has no room for a request. */
export class OutOfMemory extends Error {}

export class Instance {
  log: Log;
  readonly #exports: Exports;
  readonly #lines: LogLines;

  constructor(module: WebAssembly.Module, env: readonly string[], log: Log) {
    this.log = log;
    this.#lines = new LogLines((level, line) => this.log(level, line));
    const memory = () => this.#exports.memory.buffer;
    const instance = new WebAssembly.Instance(module, {
      wasi_snapshot_preview1: wasiImports(memory, env, this.#lines),
      bluecrab: {
        log: (level: number, pointer: number, length: number) => {
          const bytes = new Uint8Array(memory(), pointer >>> 0, length >>> 0);
          this.log(levelName(level), new TextDecoder().decode(bytes.subarray(0, MAX_ENTRY_BYTES)));
        },
      },
    });
    this.#exports = instance.exports as unknown as Exports;
    try {
      this.#exports._initialize?.();
    } finally {
      this.#lines.flush();
    }
  }

  /** Calls a function. Throws where it traps or breaks the ABI; the instance must not be used after that. */
  call(name: string, head: string, body: RequestBody, stopwatch?: Stopwatch): GuestResponse {
    const run = this.#exports[name] as (...args: number[]) => number;
    try {
      const headBytes = head === '' ? EMPTY : encoder.encode(head);
      const headPointer = this.#write(headBytes.length, (target) => target.set(headBytes));
      const { length } = body;
      const bodyPointer = this.#write(length, (target) => body.moveTo(target));
      stopwatch?.lap('copy-in');
      const record = run(headPointer, headBytes.length, bodyPointer, length) >>> 0;
      stopwatch?.lap('compute');
      const response = this.#read(record);
      stopwatch?.lap('copy-out');
      return response;
    } finally {
      this.#lines.flush();
    }
  }

  /** The memory that it has. */
  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  #write(length: number, fill: (target: Uint8Array) => void): number {
    if (length === 0) return 0;
    const pointer = this.#exports.bluecrab_alloc(length) >>> 0;
    if (pointer === 0) throw new OutOfMemory(`the module has no room for ${length} bytes`);
    fill(this.#view(pointer, length, 'the buffer of bluecrab_alloc'));
    return pointer;
  }

  #read(pointer: number): GuestResponse {
    const record = this.#view(pointer, RECORD_BYTES, 'the response record');
    const view = new DataView(record.buffer, record.byteOffset, RECORD_BYTES);
    const field = (offset: number) => view.getUint32(offset, true);
    const status = field(0);
    if (status < 200 || status > 599) throw new Error(`the response's status is ${status}, not 200 to 599`);
    const head = this.#view(field(4), field(8), 'the response head');
    return {
      status,
      headers: head.length === 0 ? [] : parseHead(head),
      body: copy(this.#view(field(12), field(16), 'the response body')),
    };
  }

  #view(pointer: number, length: number, what: string): Uint8Array<ArrayBuffer> {
    const { buffer } = this.#exports.memory;
    if (length === 0) return EMPTY;
    if (pointer + length > buffer.byteLength) {
      throw new Error(
        `${what}, ${length} bytes at ${pointer}, ends outside of the memory of ${buffer.byteLength} bytes`,
      );
    }
    return new Uint8Array(buffer as ArrayBuffer, pointer, length);
  }
}

function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const target = takeBuffer(bytes.length);
  target.set(bytes);
  return target;
}

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

function parseHead(bytes: Uint8Array): [string, string][] {
  if (bytes.length > MAX_HEAD_BYTES) {
    throw new Error(`the response head has ${bytes.length} bytes, the most is ${MAX_HEAD_BYTES}`);
  }
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
