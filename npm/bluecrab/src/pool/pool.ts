// The worker threads that run the calls of modules and components. A thread runs one call at a time; a limited number
// of calls wait.

import { AsyncResource } from 'node:async_hooks';
import { acquireBuffer } from '../buffers';
import { errorMessage } from '../errorMessage';
import { type GuestResponse, OutOfMemory, type RequestBody } from '../guest';
import type { Log } from '../log';
import type { Stopwatch } from '../serverTiming';
import { isDebugged, queuePerThread, threadCount } from '../settings';
import { type Place, Queue, QueueFull, type Visitor } from './queue';
import type { Task, WarmUpTask } from './thread';
import { ThreadNotStarted, WorkerThread } from './workerThread';

/** A call that is ready to run. */
export interface PooledCall {
  /** Returns the task. The body's buffer is transferred to the thread. */
  task(body: Uint8Array<ArrayBuffer>): Task;
  body: RequestBody;
  stopwatch: Stopwatch | undefined;
  log: Log;
  timeoutMs: number;
  /** Registers a callback that ends the call while it runs. */
  whenAborted?: ((callback: () => void) => void) | undefined;
  /** What prepares a thread again after the call, as soon as no other call waits. */
  next?: WarmUp | undefined;
}

/** What prepares a thread for calls of a function. */
export interface WarmUp {
  /** The function's name. */
  name: string;
  task: WarmUpTask;
  timeoutMs: number;
}

class Pool {
  readonly #queue: Queue;
  readonly #maxThreads: number;
  readonly #threads = new Set<WorkerThread>();
  /** Threads without a call. The last is used first. */
  readonly #idle: WorkerThread[] = [];
  /** What prepares a thread again as soon as one has no call, by the function's name. */
  readonly #next = new Map<string, WarmUp>();

  constructor(threads: number, queued: number) {
    this.#queue = new Queue(threads, threads * queued);
    this.#maxThreads = threads;
    for (let count = 0; count < threads; count++) this.#startAhead();
  }

  /**
   * Calls a function on a thread.
   *
   * @param prepare - reads the request's body. Runs once the call has a place in the queue.
   * @param whenGone - registers a callback that removes the call from the queue
   * @throws QueueFull, CallAbandoned, ThreadNotStarted, DeadlineExceeded, CallAborted, ThreadLost, OutOfMemory, Error if
   *   the guest fails, or what `prepare` throws
   */
  async call(
    prepare: () => Promise<PooledCall>,
    whenGone: (callback: () => void) => void,
    visitor: Visitor,
  ): Promise<GuestResponse> {
    const place = this.#queue.enter(visitor);
    whenGone(place.abandon);
    let thread: WorkerThread | undefined;
    try {
      const call = await prepare();
      await place.turn();
      const task = taskOf(call);
      thread = this.#idle.pop() ?? this.#start();
      const response = await this.#run(thread, task, call);
      if (call.next) this.#next.set(call.next.name, call.next);
      return response;
    } finally {
      this.#leave(place, thread);
      // Return the response before the thread prepares for the next call.
      if (this.#next.size > 0) setImmediate(() => this.#prepareNext());
    }
  }

  /** Leaves the queue. A thread that is ending may still take a processor and memory, so its place is kept until then. */
  #leave(place: Place, thread: WorkerThread | undefined): void {
    if (thread === undefined || this.#threads.has(thread)) place.leave();
    else thread.ended.then(place.leave);
  }

  async #run(
    thread: WorkerThread,
    task: Task,
    { stopwatch, log, timeoutMs, whenAborted }: PooledCall,
  ): Promise<GuestResponse> {
    // The thread's messages arrive outside of the invocation's async context, but the app's log hooks may read its
    // AsyncLocalStorage.
    const outcome = await thread.run(task, AsyncResource.bind(log), timeoutMs, whenAborted).catch((error) => {
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

  /**
   * Prepares each thread for its first call, one after the other: meanwhile a call takes another thread, or waits.
   *
   * @throws QueueFull, ThreadNotStarted, DeadlineExceeded or ThreadLost. Then the other threads are not prepared.
   */
  async warmUp(warmUps: readonly WarmUp[]): Promise<void> {
    for (let count = this.#idle.length; count > 0; count--) {
      // Takes a thread from the start, and puts it back at the end.
      await this.#prepareThread(() => this.#idle.shift(), warmUps);
    }
  }

  /** Prepares the thread that was used last, which the next call will use. If all threads are busy, does nothing. */
  async #prepareNext(): Promise<void> {
    if (this.#idle.length === 0) return;
    const warmUps = [...this.#next.values()];
    this.#next.clear();
    try {
      await this.#prepareThread(() => this.#idle.pop(), warmUps);
    } catch (error) {
      if (!(error instanceof QueueFull)) reportUnprepared(error);
    }
  }

  async #prepareThread(take: () => WorkerThread | undefined, warmUps: readonly WarmUp[]): Promise<void> {
    const place = this.#queue.enter('preparation');
    let thread: WorkerThread | undefined;
    try {
      await place.turn();
      thread = take();
      if (thread) await this.#prepare(thread, warmUps);
    } finally {
      this.#leave(place, thread);
    }
  }

  async #prepare(thread: WorkerThread, warmUps: readonly WarmUp[]): Promise<void> {
    try {
      for (const { name, task, timeoutMs } of warmUps) {
        const report = (message: string) => console.error(`the warm-up of ${name}: ${message}`);
        const limit = Math.min(timeoutMs, WARM_UP_LIMIT_MS);
        const outcome = await thread.run(task, (_, message) => report(message), limit);
        if ('failure' in outcome) report(`it failed: ${outcome.reason}`);
      }
      this.#idle.push(thread);
    } catch (error) {
      this.#threads.delete(thread);
      throw error;
    }
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

/** Copies the body of a call. No thread has been taken yet, so none is lost if this fails. */
function taskOf({ task, body, stopwatch }: PooledCall): Task {
  stopwatch?.lap('queue');
  const bytes = acquireBuffer(body.length);
  body.copyTo(bytes, 0);
  // Frees the chunks later, so that the thread can begin now.
  setImmediate(() => body.release());
  stopwatch?.lap('copy-in');
  return task(bytes);
}

const warmUps: WarmUp[] = [];

/** Lets the threads prepare for calls of a function, if they start before the first call. */
export function prepareThreads(warmUp: WarmUp): void {
  warmUps.push(warmUp);
}

let shared: Pool | undefined;
let prepared: Promise<void> | undefined;

/** Resolves when the threads are prepared for their first call. Returns nothing if they are not being prepared. */
export function threadsPrepared(): Promise<void> | undefined {
  return prepared;
}

/** Returns the pool of this process. */
export function pool(): Pool {
  shared ??= new Pool(threadCount(), queuePerThread());
  return shared;
}

/** The threads start this long after the app is loaded, or when the first call needs them. */
const START_DELAY_MS = 100;

/** Much longer than a warm-up should take. */
const WARM_UP_LIMIT_MS = 10_000;

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
  // Calls of components and programs start the threads.
  if (isDebugged()) return;
  const start = () => {
    // A call came first: it should not compete with a warm-up.
    if (shared) return;
    shared = new Pool(threads, queued);
    prepared = shared.warmUp(warmUps).catch((error) => {
      // So many calls have come that nothing is left to prepare for.
      if (!(error instanceof QueueFull)) reportUnprepared(error);
    });
  };
  setTimeout(start, START_DELAY_MS).unref();
}

function reportUnprepared(error: unknown): void {
  console.error(`a worker thread was not warmed up: ${errorMessage(error)}`);
}
