// One instance of a module and the calls into it. See docs/abi.md, sections 1 to 3.

import { acquireBuffer } from '../buffers';
import { type GuestLog, LEVELS, LogLines } from '../log';
import type { Stopwatch } from '../serverTiming';
import { trap } from '../trap';
import { START_EXPORT } from './limits';
import { Memory } from './memory';
import { type Headers, ResponseHeads } from './responseHead';
import { wasiImports } from './wasi';

/** The bytes of a request, which leave for the guest's memory. */
export interface RequestBody {
  readonly length: number;
  /** Copies them to where there is room for them, from `offset` on. */
  copyTo(target: Uint8Array, offset: number): void;
  /** Gives up what holds them. */
  release(): void;
}

/** A response as the guest gives it; the body is a copy. */
export interface GuestResponse {
  status: number;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

interface Exports {
  memory: WebAssembly.Memory;
  bluecrab_alloc(length: number): number;
  _initialize?(): void;
  bluecrab_log_level?(level: number): void;
  [START_EXPORT]?(): void;
  [name: string]: unknown;
}

const RECORD_BYTES = 20;

/** The guest has no room for a request. */
export class OutOfMemory extends Error {}

export class Instance {
  /** The log of the running call. */
  log: GuestLog;
  /** The level that the guest knows of. */
  #level: number | undefined;
  /** That the guest has ended itself. */
  #exit: Error | undefined;
  readonly #exports: Exports;
  readonly #memory: Memory;
  readonly #heads = new ResponseHeads();
  readonly #lines: LogLines;

  constructor(module: WebAssembly.Module, env: readonly string[], log: GuestLog) {
    this.log = log;
    this.#lines = new LogLines(() => this.log);
    const memory = () => this.#exports.memory.buffer;
    const exit = (code: number) => {
      this.#exit = new Error(`the module ended itself with exit code ${code}`);
      return trap();
    };
    const instance = new WebAssembly.Instance(module, {
      wasi_snapshot_preview1: wasiImports(memory, env, this.#lines, exit),
      bluecrab: {
        log: (level: number, pointer: number, length: number) =>
          this.log.addBytes(
            LEVELS[level] ?? 'information',
            new Uint8Array(memory(), pointer >>> 0, length >>> 0),
          ),
      },
    });
    // An object of one's own: the engine looks properties up in it, and not in a dictionary.
    this.#exports = { ...instance.exports } as unknown as Exports;
    this.#memory = new Memory(this.#exports.memory);
    this.#run(() => {
      this.#exports[START_EXPORT]?.();
      this.#exports._initialize?.();
    });
  }

  /** Calls a function. Throws where it traps or breaks the ABI; the instance must not be used after that. */
  call(name: string, head: string, body: RequestBody, stopwatch?: Stopwatch): GuestResponse {
    const run = this.#exports[name] as (...args: number[]) => number;
    return this.#run(() => {
      this.#tellLevel();
      const [headLength, bodyLength] = [Buffer.byteLength(head), body.length];
      const [headPointer, bodyPointer] = [this.#allocate(headLength), this.#allocate(bodyLength)];
      const { bytes } = this.#memory;
      // Of more than 2 GiB behind the pointer, Node.js would write nothing: hence the length.
      bytes.write(head, headPointer, headLength);
      body.copyTo(bytes, bodyPointer);
      body.release();
      stopwatch?.lap('copy-in');
      const record = run(headPointer, headLength, bodyPointer, bodyLength) >>> 0;
      stopwatch?.lap('compute');
      const response = this.#read(record);
      stopwatch?.lap('copy-out');
      return response;
    });
  }

  /** The memory that it has. */
  get memoryBytes(): number {
    return this.#memory.bytes.length;
  }

  /** Does what runs the guest. An exit ends it as failed, even if the guest goes on after it. */
  #run<T>(work: () => T): T {
    try {
      const result = work();
      if (this.#exit === undefined) return result;
      throw this.#exit;
    } catch (error) {
      throw this.#exit ?? error;
    } finally {
      this.#lines.flush();
    }
  }

  /** Lets the guest know which entries are dropped, so that it need not make them. */
  #tellLevel(): void {
    const { minimum } = this.log;
    if (minimum === this.#level) return;
    this.#level = minimum;
    this.#exports.bluecrab_log_level?.(minimum);
  }

  /** A buffer for a part of the request, all of it within the memory. */
  #allocate(length: number): number {
    if (length === 0) return 0;
    const pointer = this.#exports.bluecrab_alloc(length) >>> 0;
    if (pointer === 0) throw new OutOfMemory(`the module has no room for ${length} bytes`);
    this.#memory.holding(pointer, length, 'the buffer of bluecrab_alloc');
    return pointer;
  }

  #read(pointer: number): GuestResponse {
    const bytes = this.#memory.holding(pointer, RECORD_BYTES, 'the response record');
    const field = (offset: number) => bytes.readUInt32LE(pointer + offset);
    const status = field(0);
    if (status < 200 || status > 599) throw new Error(`the response's status is ${status}, not 200 to 599`);
    const [head, headLength, body, bodyLength] = [field(4), field(8), field(12), field(16)];
    this.#memory.holding(head, headLength, 'the response head');
    this.#memory.holding(body, bodyLength, 'the response body');
    return {
      status,
      headers: this.#heads.read(bytes, head, head + headLength),
      body: copy(bytes, body, bodyLength),
    };
  }
}

function copy({ buffer }: Buffer<ArrayBuffer>, start: number, length: number): Uint8Array<ArrayBuffer> {
  const target = acquireBuffer(length);
  // Nothing may lie anywhere.
  if (length > 0) target.set(new Uint8Array(buffer, start, length));
  return target;
}
