// Runs the calls of a function: short ones on the event loop, the others on the worker threads.

import type { GuestResponse, RequestBody } from './guest';
import type { Log } from './log';
import { pool, type WarmUp } from './pool/pool';
import type { Visitor } from './pool/queue';
import type { Task } from './pool/thread';
import type { Stopwatch } from './serverTiming';

/** Runs the calls of one function. `Request` is what it needs in addition to the body. */
export interface Runner<Request> {
  /** Returns the task of a call, which a worker thread runs. */
  task(request: Request, isTimed: boolean): (body: Uint8Array<ArrayBuffer>) => Task;
  /** What prepares a thread again after each call. */
  next?: WarmUp | undefined;
  /** Set if short calls run on the event loop. */
  inline?: {
    /** Whether a call whose body has this length is expected to be short. */
    expects(declaredBytes: number): boolean;
    /** Runs a call. Returns nothing if it must run on a thread. */
    run(
      request: Request,
      body: RequestBody,
      log: Log,
      stopwatch: Stopwatch | undefined,
    ): GuestResponse | undefined;
    /** Returns a rehearsal of a call on a thread, if it is time for one. It starts after the call. */
    rehearsal(request: Request, body: RequestBody): (() => void) | undefined;
    /** Learns from a call on a thread, whose body had this length. A call that failed counts as long. */
    ranOnThread(bytes: number, milliseconds: number): void;
  };
}

/** A call that can be run. */
export interface RunnableCall<Request> {
  /** The length of the body, as far as it is known before the body is read. */
  declaredBytes: number;
  /** Reads the body, once the call has a place in the queue. */
  read(): Promise<{ request: Request; body: RequestBody }>;
  log: Log;
  timeoutMs: number;
  stopwatch?: Stopwatch | undefined;
  /** Registers a callback that removes the call from the queue. */
  whenGone?(callback: () => void): void;
  /** Registers a callback that ends the call while it runs. */
  whenAborted?(callback: () => void): void;
  /** Whether a client or the app calls. */
  visitor: Visitor;
}

/**
 * Runs a call.
 *
 * @throws what `Pool.call` throws
 */
export async function run<Request>(
  { task, next, inline }: Runner<Request>,
  call: RunnableCall<Request>,
): Promise<GuestResponse> {
  const { declaredBytes, log, timeoutMs, stopwatch, whenAborted } = call;
  let rehearse: (() => void) | undefined;
  let bytesOnThread: number | undefined;
  let milliseconds = Infinity;
  try {
    let prepared: { request: Request; body: RequestBody } | undefined;
    if (inline?.expects(declaredBytes)) {
      prepared = await call.read();
      const response = inline.run(prepared.request, prepared.body, log, stopwatch);
      if (response) return response;
    }
    const response = await pool().call(
      async () => {
        const isFirst = prepared === undefined;
        prepared ??= await call.read();
        const { request, body } = prepared;
        bytesOnThread = body.length;
        if (isFirst) rehearse = inline?.rehearsal(request, body);
        const pooled = { task: task(request, stopwatch !== undefined), body, stopwatch, log, timeoutMs };
        return { ...pooled, whenAborted, next };
      },
      (callback) => call.whenGone?.(callback),
      call.visitor,
    );
    milliseconds = response.milliseconds ?? milliseconds;
    return response;
  } finally {
    if (bytesOnThread !== undefined) inline?.ranOnThread(bytesOnThread, milliseconds);
    if (rehearse) startLater(rehearse);
  }
}

/** Much longer than the second call of a worker takes. */
const FIRST_DELAY_MS = 20;
let hasStarted = false;

/**
 * Starts a rehearsal once the response is sent.
 *
 * The first rehearsal of a process waits longer: a client often sends its second call at once, and that call still runs
 * much code which is slow, and which the rehearsal would slow down further.
 */
function startLater(rehearse: () => void): void {
  if (hasStarted) setImmediate(rehearse);
  else setTimeout(rehearse, FIRST_DELAY_MS).unref();
  hasStarted = true;
}
