// The worker threads on which components run, apart from those of the modules.

import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { SHARE_ENV } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { ComponentOutcome, ComponentTask } from './componentThread';
import { Queue } from './queue';
import { queuePerThread, threadCount } from './settings';

export { Left, QueueFull } from './queue';

/** The component has run longer than it may. */
export class DeadlineExceeded extends Error {}

/** The component has trapped, or gave no response. */
export class CallFailed extends Error {}

let pool: { queue: Queue; threads: Promise<Piscina> } | undefined;

function shared() {
  pool ??= { queue: new Queue(threadCount(), threadCount() * queuePerThread()), threads: start() };
  return pool;
}

/** Throws QueueFull where a call would be refused. */
export function refuseWhenFull(): void {
  shared().queue.refuseWhenFull();
}

/**
 * Calls a component on a thread.
 *
 * @param onGone - calls back when the one who waits for the answer has gone
 * @throws QueueFull, Left, DeadlineExceeded, or CallFailed where the thread has ended
 */
export async function call(
  task: ComponentTask,
  timeoutMs: number,
  onGone: (callback: () => void) => void,
): Promise<ComponentOutcome> {
  const { queue, threads } = shared();
  const ticket = queue.join();
  onGone(ticket.leave);
  await ticket.turn;
  const deadline = new EventEmitter();
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  try {
    const started = await threads;
    timer = setTimeout(() => {
      isLate = true;
      deadline.emit('abort');
    }, timeoutMs);
    return await started.run(task, { transferList: [task.request.body.buffer], signal: deadline });
  } catch (error) {
    if (isLate) throw new DeadlineExceeded(`it has run for ${timeoutMs} ms, as long as it may`);
    throw new CallFailed(`its thread ended: ${error instanceof Error ? error.message : error}`);
  } finally {
    clearTimeout(timer);
    queue.done();
  }
}

async function start(): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  const threads = threadCount();
  const filename = join(__dirname, 'componentThread.js');
  const started = new Piscina({ filename, minThreads: threads, maxThreads: threads, env: SHARE_ENV });
  // A thread that ends by itself rejects its call, and is replaced.
  started.on('error', () => undefined);
  return started;
}
