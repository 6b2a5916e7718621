// One instance of a module, and the calls to it. See docs/abi.md, sections 1 to 3.

import { acquireBuffer } from '../buffers';
import { variable } from '../environment';
import { Fuel, OutOfFuel } from '../fuel';
import { type GuestResponse, OutOfMemory, type RequestBody } from '../guest';
import { type GuestLog, LEVELS, LogLines } from '../log';
import type { Stopwatch } from '../serverTiming';
import { trap } from '../trap';
import { CHARACTER_DEVICE, Descriptors, Input, Output } from '../wasi/descriptors';
import { wasiImports } from '../wasi/imports';
import { HeadEncoder } from './headEncoder';
import { START_EXPORT } from './limits';
import { Memory } from './memory';
import { ResponseHeads } from './responseHead';
import { checkParts } from './responseParts';

interface Exports {
  memory: WebAssembly.Memory;
  bluecrab_alloc(length: number): number;
  _initialize?(): void;
  bluecrab_log_level?(level: number): void;
  [START_EXPORT]?(): void;
  [name: string]: unknown;
}

/** One call of a function. */
export interface Call {
  export: string;
  head: string;
  body: RequestBody;
  /** The names of the function's outputs, if it has outputs. */
  outputs?: readonly string[] | undefined;
  /** Log entries below this level are dropped. */
  logLevel: number;
  /** The fuel of the call, if it runs in an instance of the metered copy. */
  units?: number;
  /** Whether the body is not released, because it may be needed again. */
  keepsBody?: boolean;
  /** Set if the stages of the call are measured. */
  stopwatch?: Stopwatch | undefined;
}

const RECORD_BYTES = 20;

/** What the host's work for one log entry takes, in units of fuel. */
const ENTRY_UNITS = 1000;
/** What the host's work for a byte of a response head takes. It is parsed. */
const HEAD_BYTE_UNITS = 8;
/** The host copies this many bytes of a response body for a unit of fuel. */
const BODY_BYTES_PER_UNIT = 8;

export class Instance {
  /** The log of the running call. */
  log: GuestLog;
  /** The log level that the guest was told. */
  #level: number | undefined;
  /** Set when the guest has ended itself. */
  #exit: Error | undefined;
  readonly #exports: Exports;
  readonly #memory: Memory;
  readonly #encoder = new HeadEncoder();
  readonly #heads = new ResponseHeads();
  readonly #lines: LogLines;
  readonly #fuel = new Fuel();

  constructor(module: WebAssembly.Module, env: readonly string[], log: GuestLog) {
    this.log = log;
    this.#lines = new LogLines(() => this.log);
    const memory = () => this.#exports.memory.buffer as ArrayBuffer;
    const exit = (code: number) => {
      this.#exit = new Error(`the module ended itself with exit code ${code}`);
      return trap();
    };
    const instance = new WebAssembly.Instance(module, {
      wasi_snapshot_preview1: wasiImports(memory, {
        args: [],
        environ: env.flatMap((name) => variable(name) ?? []),
        descriptors: this.#terminal(),
        exit,
        fuel: this.#fuel,
      }),
      bluecrab: {
        log: (level: number, pointer: number, length: number) => {
          this.#fuel.spend(ENTRY_UNITS);
          this.log.addBytes(
            LEVELS[level] ?? 'information',
            new Uint8Array(memory(), pointer >>> 0, length >>> 0),
          );
        },
      },
    });
    // A copy, since V8 keeps the properties of the original in a dictionary, which is slower.
    this.#exports = { ...instance.exports } as unknown as Exports;
    this.#memory = new Memory(this.#exports.memory);
    this.#fuel.connect(this.#exports);
    this.#fuel.fill();
    this.#run(() => {
      this.#exports[START_EXPORT]?.();
      this.#exports._initialize?.();
    });
  }

  /**
   * Calls a function.
   *
   * @throws OutOfMemory, OutOfFuel, or Error if the guest traps or breaks the ABI. The instance must not be called
   *   again then.
   */
  call(call: Omit<Call, 'logLevel'>): GuestResponse {
    this.#fuel.fill(call.units);
    return this.#run(() => {
      this.#tellLevel();
      const response = this.#read(this.#start(call), call.outputs);
      call.stopwatch?.lap('copy-out');
      return response;
    });
  }

  /**
   * Runs an example of a call, so that V8 compiles and optimises what the first calls need.
   *
   * @throws Error if the guest traps. The instance must not be called again then.
   */
  warmUp(name: string): void {
    const run = this.#exports[name] as () => void;
    this.#run(() => {
      this.#tellLevel();
      run();
    });
  }

  /** The size of the guest's memory. */
  get memoryBytes(): number {
    return this.#memory.bytes.length;
  }

  /** Runs code of the guest. If the guest ends itself, the call fails, even if the guest catches the trap. */
  #run<T>(work: () => T): T {
    try {
      const result = work();
      if (this.#exit === undefined) return result;
      throw this.#exit;
    } catch (error) {
      if (this.#fuel.isReasonOf(error)) throw new OutOfFuel();
      throw this.#exit ?? error;
    } finally {
      this.#lines.flush();
    }
  }

  /** Returns the standard streams. C's stdio passes on each line of a terminal at once, so no line is lost in a trap. */
  #terminal(): Descriptors {
    const log = (level: 'information' | 'error') =>
      new Output(CHARACTER_DEVICE, (...piece) => this.#lines.writePiece(level, ...piece));
    return new Descriptors(new Input(CHARACTER_DEVICE, new Uint8Array()), log('information'), log('error'));
  }

  /** Tells the guest the log level, so that it need not format entries that are dropped. */
  #tellLevel(): void {
    const { minimum } = this.log;
    if (minimum === this.#level) return;
    this.#level = minimum;
    this.#exports.bluecrab_log_level?.(minimum);
  }

  /** Copies a request into the guest's memory and runs the guest's function. Returns the pointer to the response record. */
  #start({ export: name, head, body, keepsBody, stopwatch }: Omit<Call, 'logLevel'>): number {
    const run = this.#exports[name] as (...args: number[]) => number;
    const headBytes = this.#encoder.encode(head);
    const [headLength, bodyLength] = [headBytes.length, body.length];
    let headPointer: number;
    let bodyPointer: number;
    try {
      headPointer = this.#allocate(headLength);
      bodyPointer = this.#allocate(bodyLength);
      const { bytes } = this.#memory;
      bytes.set(headBytes, headPointer);
      body.copyTo(bytes, bodyPointer);
    } finally {
      if (!keepsBody) body.release();
    }
    stopwatch?.lap('copy-in');
    const record = run(headPointer, headLength, bodyPointer, bodyLength);
    stopwatch?.lap('compute');
    return record >>> 0;
  }

  /** Lets the guest allocate a buffer for a part of the request. */
  #allocate(length: number): number {
    if (length === 0) return 0;
    const pointer = this.#exports.bluecrab_alloc(length) >>> 0;
    if (pointer === 0) throw new OutOfMemory(`the module could not allocate ${length} bytes`);
    this.#memory.holding(pointer, length, 'the buffer of bluecrab_alloc');
    return pointer;
  }

  #read(pointer: number, outputs: readonly string[] | undefined): GuestResponse {
    const bytes = this.#memory.holding(pointer, RECORD_BYTES, 'the response record');
    const field = (offset: number) => bytes.readUInt32LE(pointer + offset);
    const status = field(0);
    if (status < 200 || status > 599) throw new Error(`the response's status is ${status}, not 200 to 599`);
    const [head, headLength, body, bodyLength] = [field(4), field(8), field(12), field(16)];
    this.#memory.holding(head, headLength, 'the response head');
    this.#memory.holding(body, bodyLength, 'the response body');
    const unitsLeft = this.#fuel.end(headLength * HEAD_BYTE_UNITS + bodyLength / BODY_BYTES_PER_UNIT);
    const { headers, parts } = this.#heads.read(bytes, head, head + headLength, outputs);
    const response = { status, headers, body: copy(bytes, body, bodyLength), unitsLeft };
    if (parts === undefined) return response;
    checkParts(parts, bodyLength);
    return { ...response, parts };
  }
}

function copy({ buffer }: Buffer<ArrayBuffer>, start: number, length: number): Uint8Array<ArrayBuffer> {
  const target = acquireBuffer(length);
  // An empty body's pointer may be out of bounds.
  if (length > 0) target.set(new Uint8Array(buffer, start, length));
  return target;
}
