// One worker thread, as the event loop's thread sees it: it starts, runs one call after the other, and may end.

import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { Log } from '../log';
import type { Message, Outcome, Task } from './thread';

/** The source text of `thread.ts`, which the build puts in: a bundle of the app has no file that a thread could load. */
declare const THREAD_SOURCE: string;

/** A thread needs a fraction of it, even on a busy machine. */
const START_LIMIT_MS = 30_000;

/** The call has run longer than it may. */
export class DeadlineExceeded extends Error {}

/** The thread has ended by itself, and the call with it. */
export class ThreadLost extends Error {}

/** There is no thread to run the call. */
export class ThreadNotStarted extends Error {}

/** Waits for a thread's start, or for the end of its call. */
interface Waiting {
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
  log: Log;
}

export class WorkerThread {
  readonly #worker: Worker;
  readonly #started: Promise<void>;
  #hasStarted = false;
  #hasRun = false;
  #call: Waiting | undefined;
  #reason: string | undefined;

  /**
   * @param onEnd - called when the thread has ended, with whether it had run a call
   * @throws ThreadNotStarted if the process may not have threads
   */
  constructor(onEnd: (hadRun: boolean) => void) {
    this.#worker = startWorker();
    this.#started = new Promise((resolve, reject) => {
      const limit = lateTimer(START_LIMIT_MS, () => {
        if (this.#hasStarted) return;
        this.#reason = `it has not started within ${START_LIMIT_MS} ms`;
        this.#worker.terminate();
      }).unref();
      this.#worker.on('message', (message: Message) => {
        if (message !== 'started') return this.#receive(message);
        clearTimeout(limit);
        this.#hasStarted = true;
        // From now on only a call keeps the process alive. Before, Node.js would leave a port of its own open.
        this.#worker.unref();
        resolve();
      });
      this.#worker.on('exit', (code) => {
        clearTimeout(limit);
        const reason = this.#reason ?? `exit code ${code}`;
        reject(new ThreadNotStarted(`a worker thread cannot start: ${reason}`));
        this.#call?.reject(new ThreadLost(`its thread ended: ${reason}`));
        onEnd(this.#hasRun);
      });
    });
    // Who calls learns of it.
    this.#started.catch(() => undefined);
    this.#worker.on('error', (error) => {
      this.#reason = messageOf(error);
    });
    this.#worker.on('messageerror', (error) => {
      this.#reason = messageOf(error);
      this.#worker.terminate();
    });
  }

  /**
   * Runs a call. The time that it may take begins when the thread has started.
   *
   * @throws ThreadNotStarted, DeadlineExceeded, or ThreadLost; the thread has ended then
   */
  async run(task: Task, log: Log, timeoutMs: number): Promise<Outcome> {
    await this.#started;
    this.#hasRun = true;
    this.#worker.ref();
    try {
      return await this.#send(task, log, timeoutMs);
    } finally {
      this.#worker.unref();
    }
  }

  #send(task: Task, log: Log, timeoutMs: number): Promise<Outcome> {
    let deadline: NodeJS.Timeout | undefined;
    const outcome = new Promise<Outcome>((resolve, reject) => {
      const call = { resolve, reject, log };
      this.#call = call;
      deadline = lateTimer(timeoutMs, () => {
        if (this.#call !== call) return;
        this.#call = undefined;
        reject(new DeadlineExceeded(`it has run for ${timeoutMs} ms, as long as it may`));
        this.#worker.terminate();
      });
      this.#worker.postMessage(task, [task.body.buffer]);
    });
    return outcome.finally(() => clearTimeout(deadline));
  }

  #receive(message: Exclude<Message, 'started'>): void {
    if ('outcome' in message) {
      const call = this.#call;
      this.#call = undefined;
      call?.resolve(message.outcome);
    } else this.#call?.log(...message.entry);
  }
}

function startWorker(): Worker {
  try {
    return new Worker(THREAD_SOURCE, { eval: true, env: SHARE_ENV, name: 'bluecrab' });
  } catch (error) {
    throw new ThreadNotStarted(`a worker thread cannot start: ${messageOf(error)}`);
  }
}

/** A timer that fires after the messages that have come in time, however long the event loop was blocked. */
function lateTimer(milliseconds: number, callback: () => void): NodeJS.Timeout {
  return setTimeout(() => setImmediate(callback), milliseconds);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
