// A worker thread, seen from the event loop.

import { SHARE_ENV, Worker } from 'node:worker_threads';
import { errorMessage } from '../errorMessage';
import type { Log } from '../log';
import type { Message, Outcome, Task } from './thread';

/** The bundled code of `thread.ts`. The build inserts it, so that a bundle of the app needs no second file. */
declare const THREAD_SOURCE: string;

/** How long a thread may take to start. It needs much less, even on a busy machine. */
const START_LIMIT_MS = 30_000;
/** How long a thread may take to end. It needs much less. */
const END_LIMIT_MS = 10_000;

/** The call did not finish before its deadline. */
export class DeadlineExceeded extends Error {}

/** Nobody waits for the call any more: it was ended. */
export class CallAborted extends Error {}

/** The thread ended during the call. */
export class ThreadLost extends Error {}

/** The thread could not start. */
export class ThreadNotStarted extends Error {}

/** The call that the thread runs. */
interface RunningCall {
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
  log: Log;
}

export class WorkerThread {
  readonly #worker: Worker;
  readonly #started: Promise<void>;
  /** Resolves when the thread no longer runs. */
  readonly ended: Promise<void>;
  #hasStarted = false;
  #hasRun = false;
  #isEnding = false;
  #call: RunningCall | undefined;
  #reason: string | undefined;

  /**
   * @param onEnd - called when the thread has ended, with whether it had run a call
   * @throws ThreadNotStarted if Node.js may not start threads
   */
  constructor(onEnd: (hadRun: boolean) => void) {
    this.#worker = startWorker();
    this.ended = new Promise((resolve) => this.#worker.on('exit', () => resolve()));
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
        // From now on only a running call keeps the process alive. If `unref` ran before the start, Node.js would keep
        // one of its own ports open.
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
    // A failed start is reported by each `run`, which awaits the same promise. Here it must not end the process.
    this.#started.catch(() => undefined);
    this.#worker.on('error', (error) => {
      this.#reason = errorMessage(error);
    });
    this.#worker.on('messageerror', (error) => {
      this.#reason = errorMessage(error);
      this.#worker.terminate();
    });
  }

  /**
   * Runs a call. Its deadline counts from when the thread has started.
   *
   * @param whenAborted - registers a callback for when nobody waits for the call any more
   * @throws ThreadNotStarted, DeadlineExceeded, CallAborted or ThreadLost. The thread ends in each case.
   */
  async run(
    task: Task,
    log: Log,
    timeoutMs: number,
    whenAborted?: (callback: () => void) => void,
  ): Promise<Outcome> {
    await this.#started;
    if (task.kind !== 'warm-up') this.#hasRun = true;
    this.#worker.ref();
    try {
      return await this.#send(task, log, timeoutMs, whenAborted);
    } finally {
      // An ending thread keeps the process alive, because calls may wait for its end.
      if (!this.#isEnding) this.#worker.unref();
    }
  }

  #send(
    task: Task,
    log: Log,
    timeoutMs: number,
    whenAborted: ((callback: () => void) => void) | undefined,
  ): Promise<Outcome> {
    let deadline: NodeJS.Timeout | undefined;
    const outcome = new Promise<Outcome>((resolve, reject) => {
      const call = { resolve, reject, log };
      this.#call = call;
      const end = (error: Error) => {
        if (this.#call !== call) return;
        this.#call = undefined;
        reject(error);
        this.#end();
      };
      deadline = lateTimer(timeoutMs, () =>
        end(new DeadlineExceeded(`it has run for ${timeoutMs} ms, its deadline`)),
      );
      whenAborted?.(() => end(new CallAborted('the call was aborted')));
      try {
        this.#worker.postMessage(task, task.kind === 'warm-up' ? [] : [task.body.buffer]);
      } catch (error) {
        end(new ThreadLost(`its task cannot be sent: ${errorMessage(error)}`));
      }
    });
    return outcome.finally(() => clearTimeout(deadline));
  }

  /** Ends the thread. The engine interrupts a module only at certain instructions, see docs/reliability.md. */
  #end(): void {
    this.#isEnding = true;
    const late = setTimeout(() => {
      console.error(
        `a worker thread still runs ${END_LIMIT_MS} ms after its call was ended, because the engine cannot interrupt what it does; see docs/reliability.md. Until it ends, one thread less serves calls`,
      );
    }, END_LIMIT_MS).unref();
    this.ended.then(() => clearTimeout(late));
    this.#worker.terminate();
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
    throw new ThreadNotStarted(`a worker thread cannot start: ${errorMessage(error)}`);
  }
}

/** Starts a timer. If the event loop was blocked, messages that arrived in time are handled before `callback` runs. */
function lateTimer(milliseconds: number, callback: () => void): NodeJS.Timeout {
  return setTimeout(() => setImmediate(callback), milliseconds);
}
