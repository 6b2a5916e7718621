// The worker threads on which calls run, of modules and of components: one call on each at a time, a bounded number of
// calls waiting for them.

import { AsyncResource } from 'node:async_hooks';
import { acquireBuffer } from '../buffers';
import type { Log } from '../log';
import { type GuestResponse, OutOfMemory, type RequestBody } from '../module/instance';
import type { Stopwatch } from '../serverTiming';
import { queuePerThread, threadCount } from '../settings';
import { Queue } from './queue';
import type { Task } from './thread';
import { ThreadNotStarted, WorkerThread } from './workerThread';

/** A call, and whose it is. */
export interface PooledCall {
  /** Makes the task of the body, in a buffer that leaves for the thread. */
  task(body: Uint8Array<ArrayBuffer>): Task;
  body: RequestBody;
  stopwatch: Stopwatch | undefined;
  log: Log;
  timeoutMs: number;
}

class Pool {
  readonly #queue: Queue;
  readonly #maxThreads: number;
  readonly #threads = new Set<WorkerThread>();
  /** Threads without a call; the last one is used first. */
  readonly #idle: WorkerThread[] = [];

  constructor(threads: number, queued: number) {
    this.#queue = new Queue(threads, threads * queued);
    this.#maxThreads = threads;
    for (let count = 0; count < threads; count++) this.#startAhead();
  }

  /**
   * Calls a function on a thread.
   *
   * @param prepare - reads the request's body, which happens once the call has a place in the queue
   * @param whenGone - calls back when nobody waits for the answer any more
   * @throws QueueFull, ClientDisconnected, ThreadNotStarted, DeadlineExceeded, ThreadLost, OutOfMemory, or an Error if
   *   the guest fails; and what `prepare` throws
   */
  async call(
    prepare: () => Promise<PooledCall>,
    whenGone: (callback: () => void) => void,
  ): Promise<GuestResponse> {
    const place = this.#queue.enter();
    whenGone(place.abandon);
    try {
      const call = await prepare();
      await place.turn();
      return await this.#run(call);
    } finally {
      place.leave();
    }
  }

  async #run({ task, body, stopwatch, log, timeoutMs }: PooledCall): Promise<GuestResponse> {
    const thread = this.#idle.pop() ?? this.#start();
    stopwatch?.lap('queue');
    const bytes = acquireBuffer(body.length);
    body.copyTo(bytes, 0);
    // The thread need not wait for it.
    setImmediate(() => body.release());
    stopwatch?.lap('copy-in');
    // The thread's messages come outside of the invocation, whose AsyncLocalStorage the app's log hooks read.
    const outcome = await thread.run(task(bytes), AsyncResource.bind(log), timeoutMs).catch((error) => {
      this.#threads.delete(thread);
      throw error;
    });
    this.#idle.push(thread);
    stopwatch?.lap('queue');
    if ('failure' in outcome)
      throw outcome.failure === 'memory' ? new OutOfMemory(outcome.reason) : new Error(outcome.reason);
    if (outcome.times) stopwatch?.split(outcome.times);
    return outcome;
  }

  #start(): WorkerThread {
    const thread = new WorkerThread((hadRun) => {
      this.#threads.delete(thread);
      const index = this.#idle.indexOf(thread);
      if (index >= 0) this.#idle.splice(index, 1);
      // Threads that all end before their first call are not to be started for ever: the next call starts one, and says
      // why it failed.
      if (hadRun && this.#threads.size < this.#maxThreads) this.#startAhead();
    });
    this.#threads.add(thread);
    return thread;
  }

  /** Starts a thread, so that no call has to wait for that. */
  #startAhead(): void {
    try {
      this.#idle.unshift(this.#start());
    } catch (error) {
      if (!(error instanceof ThreadNotStarted)) throw error;
    }
  }
}

let shared: Pool | undefined;

/** The pool of this process. */
export function pool(): Pool {
  shared ??= new Pool(threadCount(), queuePerThread());
  return shared;
}

/** The threads start so much later than the app is loaded, unless a call needs them before. */
const START_DELAY_MS = 100;

/**
 * Starts the threads soon, so that neither the app's start nor the first call on them waits for them.
 *
 * @throws Error if a setting makes no sense, or if the process may not have threads
 */
export function startPool(): void {
  const [threads, queued] = [threadCount(), queuePerThread()];
  if (process.permission?.has('worker') === false) {
    throw new Error('Node.js may not start worker threads: add --allow-worker to its options');
  }
  const start = () => {
    shared ??= new Pool(threads, queued);
  };
  setTimeout(start, START_DELAY_MS).unref();
}
