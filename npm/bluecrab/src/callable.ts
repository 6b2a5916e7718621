/**
 * Calls the functions of WebAssembly modules from JavaScript, in any Node.js program.
 *
 * @packageDocumentation
 */

import { failureOf, messageOf } from './failure';
import { bytesBody, type GuestResponse } from './guest';
import { type Level, type Log, safely } from './log';
import { minimumLevel } from './logLevel';
import type { FunctionDeclaration } from './module/declaration';
import { Module } from './module/module';
import { type ModuleRequest, moduleRunner } from './moduleRunner';
import { startPool } from './pool/pool';
import { CallAbandoned } from './pool/queue';
import { CallAborted } from './pool/workerThread';
import { bodyOf, partOf } from './responseBody';
import { type Runner, run } from './run';
import { checkedTimeout, timeoutMs } from './settings';
import { tracing } from './spans';
import { bytesOf } from './trigger/bytes';
import { toJson } from './trigger/json';

export type { Level };

/** What a function receives: bytes as they are, a string in UTF-8, any other value as JSON. */
export type CallBody = string | object;

export interface CallOptions {
  /**
   * Aborts the call: if it waits, it does not run; if it runs, its thread ends. The promise is rejected with the
   * signal's reason.
   */
  signal?: AbortSignal | undefined;
  /** The deadline of the call, which counts from when it runs on a thread. By default the function's own deadline. */
  timeoutMs?: number | undefined;
  /** The request head. By default the head is empty. */
  head?: object | undefined;
  /** Receives the log entries of the call. By default they go to standard error. */
  log?: Log | undefined;
}

/** A message, event, entity or blob that a function wrote for one of its outputs. */
export interface CallOutput {
  /** The name of the output. */
  name: string;
  kind: 'bytes' | 'text' | 'json';
  bytes: Uint8Array;
}

/** What a function returned, as bytes. */
export class CallResult extends Uint8Array {
  /** The class of the arrays that `slice`, `map` and other methods return. */
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array;
  }

  /** The status of the response, 200 to 399. */
  readonly status: number;
  /** What the function wrote for its outputs. Nobody writes them to the outputs. */
  readonly outputs: readonly CallOutput[];

  /** @internal */
  constructor(response: GuestResponse) {
    const { buffer, byteOffset, length } = bodyOf(response);
    super(buffer, byteOffset, length);
    this.status = response.status;
    const outputs = response.parts?.outputs ?? [];
    this.outputs = outputs.map(({ name, kind, range }) => ({
      name,
      kind,
      bytes: partOf(response.body, range),
    }));
  }

  /** Returns the result as text. */
  text(): string {
    return new TextDecoder().decode(this);
  }

  /**
   * Returns the result parsed as JSON.
   *
   * @throws SyntaxError if it is not JSON
   */
  json<T = unknown>(): T {
    return JSON.parse(this.text());
  }
}

/** A call failed. */
export class CallError extends Error {
  override readonly name = 'CallError';
  /**
   * Why the call failed:
   *
   * - `failed`: the function reported an error. It is the message, and `status` is its status.
   * - `trap`: the function panicked, trapped or broke the module ABI
   * - `deadline`: it did not finish before its deadline
   * - `memory`: the body did not fit into the memory that the module may use
   * - `thread`: a worker thread could not start, or it ended
   */
  readonly kind: 'failed' | 'trap' | 'deadline' | 'memory' | 'thread';
  /** The status of a function that reported an error, 400 to 599. */
  readonly status?: number;

  /** @internal */
  constructor(
    kind: CallError['kind'],
    message: string,
    { cause, status }: { cause?: unknown; status?: number },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    if (status !== undefined) this.status = status;
  }
}

/** A program may make a callable for each call, so all callables of a function share a runner. */
const runners = new WeakMap<FunctionDeclaration, Runner<ModuleRequest>>();

/**
 * Calls the function.
 *
 * @param body - what the function receives. Bytes must not change before the promise is settled.
 * @throws CallError if the call fails, the signal's reason if it is aborted, RangeError if the body is too long,
 *   TypeError if it is a promise, a stream or a blob
 */
export type Callable = (body?: CallBody, options?: CallOptions) => Promise<CallResult>;

/**
 * The functions of modules: for each module's file, for each function, what it reads and returns. The file that
 * `bluecrab types` writes adds the modules of an app.
 */
// biome-ignore lint/suspicious/noEmptyInterface: other files add members
export interface ModuleFunctions {}

/** The result of a function whose result is known. */
export interface TypedResult<Result> extends CallResult {
  // The first signature, so that the variable that gets the result does not decide its type.
  json(): Result;
  json<T>(): T;
}

/**
 * Calls a function of `ModuleFunctions`. If it reads JSON, the body is checked, unless it is already text or bytes. The
 * result's `json()` has the type that the function returns.
 */
export type TypedCallable<Function> = (
  ...call: Function extends { body: infer Body extends object }
    ? [body: Body | string | Uint8Array, options?: CallOptions]
    : [body?: CallBody, options?: CallOptions]
) => Promise<TypedResult<Function extends { result: infer Result } ? Result : unknown>>;

/**
 * Returns a JavaScript function that calls a function of a module, on a worker thread or, if the calls are short, on
 * the event loop:
 *
 *     const hash = callable('app.wasm', 'hash');
 *     const digest = await hash(bytes, { signal: AbortSignal.timeout(1000) });
 *
 * All calls of a process share the threads. A call waits for a thread as long as it takes; use `signal` to limit that.
 *
 * @param path - the module's file. A relative path starts at the process's working directory.
 * @param name - the function's name in the module's manifest
 * @param defaults - the options of calls that have no others
 * @throws Error if the module cannot be loaded or has no such function
 */
export function callable<
  File extends keyof ModuleFunctions,
  Name extends string & keyof ModuleFunctions[File],
>(path: File, name: Name, defaults?: CallOptions): TypedCallable<ModuleFunctions[File][Name]>;
export function callable<Path extends string | URL>(
  path: Path extends keyof ModuleFunctions ? never : Path, // a name that the module does not have is an error
  name: string,
  defaults?: CallOptions,
): Callable;
export function callable(path: string | URL, name: string, defaults: CallOptions = {}): Callable {
  const module = Module.load(path);
  const declaration = module.declaration(name);
  const runner = runners.get(declaration) ?? moduleRunner(module, declaration);
  runners.set(declaration, runner);
  const deadline = timeoutMs(name, declaration.timeoutMs);
  const logLevel = minimumLevel(name);
  startPool();
  const trace = tracing(name, false);
  return async (body, options = {}) => {
    const { signal = defaults.signal, head = defaults.head } = options;
    const { timeoutMs = defaults.timeoutMs ?? deadline, log = defaults.log ?? toStandardError } = options;
    signal?.throwIfAborted();
    if (isUnread(body))
      throw new TypeError(`the body is a ${body.constructor.name}: await it, or read it first`);
    const bytes = bytesBody(bytesOf(body));
    if (bytes.length > declaration.maxBodyBytes) {
      throw new RangeError(
        `the body has ${bytes.length} bytes, more than the ${declaration.maxBodyBytes} that function ${name} accepts`,
      );
    }
    const request = { head: head === undefined ? '' : toJson(head), logLevel };
    const listeners = new AbortController();
    const whenAborted = (callback: () => void) => {
      if (signal?.aborted) callback();
      else signal?.addEventListener('abort', callback, { signal: listeners.signal });
    };
    const call = {
      declaredBytes: bytes.length,
      read: async () => ({ request, body: bytes }),
      log: safely('the log of a callable', log),
      timeoutMs: checkedTimeout(timeoutMs, 'timeoutMs'),
      whenGone: whenAborted,
      whenAborted,
      visitor: 'app' as const,
    };
    const response = await trace(undefined, undefined, (stopwatch) => run(runner, { ...call, stopwatch }))
      .catch((error) => {
        throw errorOf(name, error, signal);
      })
      .finally(() => listeners.abort());
    if (response.status < 400) return new CallResult(response);
    throw new CallError('failed', messageOf(name, response), { status: response.status });
  };

  function toStandardError(level: Level, message: string): void {
    console.error(`[${level}] ${name}: ${message}`);
  }
}

/** The methods of promises, of streams, and of requests and blobs. */
const READERS = ['then', Symbol.asyncIterator, 'arrayBuffer'] as const;

/** Whether a body has yet to be read. As JSON it would be an empty object. */
function isUnread(body: unknown): body is object {
  const members = Object(body);
  return READERS.some((name) => typeof members[name] === 'function');
}

function errorOf(name: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof CallAbandoned || error instanceof CallAborted) return signal?.reason;
  const { kind, message } = failureOf(name, error);
  return new CallError(kind, message, { cause: error });
}
