// What runs on a worker thread: one call after the other, of modules and of components.

import { parentPort } from 'node:worker_threads';
import { releaseBuffer } from '../buffers';
import { type ComponentTask, callComponent } from '../component/call';
import type { Level, Log } from '../log';
import { call, type InstanceTemplate } from '../module/call';
import { type GuestResponse, OutOfMemory, type RequestBody } from '../module/instance';
import { type StageTimes, Stopwatch } from '../serverTiming';

/** What a thread is asked to do. */
export type Task = ModuleTask | ComponentTask;

export interface ModuleTask {
  kind: 'module';
  template: InstanceTemplate;
  export: string;
  head: string;
  /** The thread's own now. */
  body: Uint8Array<ArrayBuffer>;
  /** Log entries below this level are dropped. */
  logLevel: number;
  isTimed: boolean;
}

/** How a call ended. */
export type Outcome =
  | (GuestResponse & { times?: StageTimes | undefined })
  | { failure: 'trap' | 'memory'; reason: string };

/**
 * What a thread says: that it has started; an entry of the running call's log, at once, so that nothing is lost with a
 * thread that has to be ended; how the call ended.
 */
export type Message = 'started' | { entry: [Level, string] } | { outcome: Outcome };

/** Sends a message; the buffers go to the event loop's thread without being copied. */
function send(message: Message, buffers: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, buffers);
}

async function run(task: Task): Promise<void> {
  const log: Log = (...entry) => send({ entry });
  try {
    const stopwatch = task.isTimed ? new Stopwatch() : undefined;
    const response =
      task.kind === 'module' ? callModule(task, log, stopwatch) : await callComponent(task, log, stopwatch);
    send({ outcome: { ...response, times: stopwatch?.times } }, [response.body.buffer]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    send({ outcome: { failure: error instanceof OutOfMemory ? 'memory' : 'trap', reason } });
  }
}

function callModule(
  { template, export: name, head, body, logLevel }: ModuleTask,
  log: Log,
  stopwatch: Stopwatch | undefined,
): GuestResponse {
  return call(template, { export: name, head, body: received(body), logLevel, stopwatch }, log);
}

/** A body in a buffer that serves for a response when it is read. */
function received(body: Uint8Array<ArrayBuffer>): RequestBody {
  return {
    length: body.length,
    copyTo: (target, offset) => target.set(body, offset),
    release: () => releaseBuffer(body),
  };
}

parentPort?.on('message', run);
send('started');
