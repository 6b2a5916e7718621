// The worker threads on which calls run: as many at once as there are threads, a bounded number waiting for them.

import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { SHARE_ENV } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { takeBuffer } from './buffers';
import { type GuestResponse, OutOfMemory } from './instance';
import type { Blueprint, Call } from './instances';
import type { Log } from './log';
import { Queue } from './queue';
import { queuePerThread, threadCount } from './settings';
import type { LogEntry, Outcome, Task } from './thread';

/** The call has run longer than it may. */
export class DeadlineExceeded extends Error {}

/** The thread has ended by itself, and the call with it. */
export class ThreadLost extends Error {}

/** Whose call it is. */
export interface Caller {
  log: Log;
  timeoutMs: number;
  /** Calls back when the one who waits for the answer has gone. */
  onGone(callback: () => void): void;
}

class Pool {
  readonly #queue: Queue;
  readonly #threads: Promise<Piscina>;
  readonly #logs = new Map<number, CallLog>();
  #lastId = 0;

  constructor(threads: number, queued: number) {
    this.#queue = new Queue(threads, threads * queued);
    this.#threads = this.#start(threads);
  }

  /** Throws QueueFull where a call would be refused. */
  refuseWhenFull(): void {
    this.#queue.refuseWhenFull();
  }

  /**
   * Calls a function on a thread.
   *
   * @throws QueueFull, Left, DeadlineExceeded, OutOfMemory, ThreadLost, or an Error where the guest fails
   */
  async call(blueprint: Blueprint, call: Call, caller: Caller): Promise<GuestResponse> {
    const ticket = this.#queue.join();
    caller.onGone(ticket.leave);
    await ticket.turn;
    try {
      return await this.#run(blueprint, call, caller);
    } finally {
      this.#queue.done();
    }
  }

  async #run(blueprint: Blueprint, call: Call, { log, timeoutMs }: Caller): Promise<GuestResponse> {
    const id = ++this.#lastId;
    const entries = new CallLog(log);
    this.#logs.set(id, entries);
    try {
      const { export: name, head, stopwatch } = call;
      stopwatch?.lap('queue');
      const body = takeBuffer(call.body.length);
      call.body.copyTo(body, 0);
      // The thread need not wait for it.
      setImmediate(() => call.body.release());
      stopwatch?.lap('copy-in');
      const task = { id, blueprint, export: name, head, body, isTimed: stopwatch !== undefined };
      const outcome = await this.#send(task, timeoutMs);
      await entries.received(outcome.entries);
      stopwatch?.lap('queue');
      if (!('failure' in outcome)) {
        if (outcome.times) stopwatch?.split(outcome.times);
        return outcome;
      }
      throw outcome.failure === 'memory' ? new OutOfMemory(outcome.reason) : new Error(outcome.reason);
    } finally {
      this.#logs.delete(id);
    }
  }

  async #send(task: Task, timeoutMs: number): Promise<Outcome> {
    const threads = await this.#threads;
    const deadline = new EventEmitter();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      deadline.emit('abort');
    }, timeoutMs);
    try {
      return await threads.run(task, { transferList: [task.body.buffer], signal: deadline });
    } catch (error) {
      // A thread answers whatever the guest does: only its end comes here.
      if (isLate) throw new DeadlineExceeded(`it has run for ${timeoutMs} ms, as long as it may`);
      throw new ThreadLost(`its thread ended: ${error instanceof Error ? error.message : error}`);
    } finally {
      clearTimeout(timer);
    }
  }

  async #start(threads: number): Promise<Piscina> {
    const { Piscina } = await import('piscina');
    const pool = new Piscina<Task, Outcome>({
      filename: join(__dirname, 'thread.js'),
      minThreads: threads,
      maxThreads: threads,
      env: SHARE_ENV,
    });
    pool.on('message', ({ id, level, message }: LogEntry) => this.#logs.get(id)?.add(level, message));
    // A thread that ends by itself rejects its call, and is replaced.
    pool.on('error', () => undefined);
    return pool;
  }
}

/** The log of a running call. Entries and outcome come by different ports, in any order. */
class CallLog {
  readonly #log: Log;
  #count = 0;
  #expected = Number.POSITIVE_INFINITY;
  #complete: (() => void) | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  add(...entry: Parameters<Log>): void {
    this.#log(...entry);
    this.#count++;
    if (this.#count >= this.#expected) this.#complete?.();
  }

  /** Waits until so many entries have come. */
  received(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve();
    this.#expected = count;
    return new Promise((resolve) => {
      this.#complete = resolve;
    });
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
 * @throws Error where a setting makes no sense
 */
export function startPool(): void {
  const [threads, queued] = [threadCount(), queuePerThread()];
  const start = () => {
    shared ??= new Pool(threads, queued);
  };
  setTimeout(start, START_DELAY_MS).unref();
}
