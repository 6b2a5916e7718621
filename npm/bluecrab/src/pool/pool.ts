// The worker threads that run the calls of modules and components. A thread runs one call at a time; a limited number of
// calls wait.

import { AsyncResource } from 'node:async_hooks';
import { acquireBuffer } from '../buffers';
import { type GuestResponse, OutOfMemory, type RequestBody } from '../guest';
import type { Log } from '../log';
import type { Stopwatch } from '../serverTiming';
import { queuePerThread, threadCount } from '../settings';
import { Queue } from './queue';
import type { Task } from './thread';
import { ThreadNotStarted, WorkerThread } from './workerThread';

/** A call that is ready to run. */
export interface PooledCall {
  /** Returns the task. The body's buffer is transferred to the thread. */
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
  /** Threads without a call. The last is used first. */
  readonly #idle: WorkerThread[] = [];

  constructor(threads: number, queued: number) {
    this.#queue = new Queue(threads, threads * queued);
    this.#maxThreads = threads;
    for (let count = 0; count < threads; count++) this.#startAhead();
  }

  /**
   * Calls a function on a thread.
   *
   * @param prepare - reads the request's body. Runs once the call has a place in the queue.
   * @param whenGone - registers a callback for when the client disconnects
   * @throws QueueFull, ClientDisconnected, ThreadNotStarted, DeadlineExceeded, ThreadLost, OutOfMemory, Error if the
   *   guest fails, or what `prepare` throws
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
    // Frees the chunks later, so that the thread can begin now.
    setImmediate(() => body.release());
    stopwatch?.lap('copy-in');
    // The thread's messages arrive outside of the invocation's async context, but the app's log hooks may read its
    // AsyncLocalStorage.
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
      // A thread that ends before its first call is not replaced, since the next would probably end too. The next call
      // starts a thread and reports why it ended.
      if (hadRun && this.#threads.size < this.#maxThreads) this.#startAhead();
    });
    this.#threads.add(thread);
    return thread;
  }

  /** Starts a thread before a call needs it. */
  #startAhead(): void {
    try {
      this.#idle.unshift(this.#start());
    } catch (error) {
      if (!(error instanceof ThreadNotStarted)) throw error;
    }
  }
}

let shared: Pool | undefined;

/** Returns the pool of this process. */
export function pool(): Pool {
  shared ??= new Pool(threadCount(), queuePerThread());
  return shared;
}

/** The threads start this long after the app is loaded, or when the first call needs them. */
const START_DELAY_MS = 100;

/**
 * Starts the threads a little later, so that neither the app's start nor the first call waits for them.
 *
 * @throws Error if an app setting is wrong, or if Node.js may not start threads
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
