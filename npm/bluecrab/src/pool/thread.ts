// The code of a worker thread. It runs one call after another, of modules, components and programs.

import { parentPort } from 'node:worker_threads';
import { releaseBuffer } from '../buffers';
import {
  type ComponentTask,
  type ComponentTemplate,
  callComponent,
  prepareComponent,
} from '../component/call';
import { errorMessage } from '../errorMessage';
import { OutOfFuel } from '../fuel';
import { type GuestResponse, OutOfMemory, type RequestBody } from '../guest';
import type { Level, Log } from '../log';
import { call, type InstanceTemplate, prepare } from '../module/call';
import { callProgram, type ProgramTask } from '../program/call';
import { type StageTimes, Stopwatch } from '../serverTiming';

/** One call, or the work that prepares calls, as it is posted to the thread. */
export type Task = ModuleTask | ComponentTask | ProgramTask | WarmUpTask | RehearsalTask;

export interface ModuleTask {
  kind: 'module';
  template: InstanceTemplate;
  export: string;
  head: string;
  /** The names of the function's outputs, if it has outputs. */
  outputs?: readonly string[] | undefined;
  /** Transferred to the thread. */
  body: Uint8Array<ArrayBuffer>;
  /** Log entries below this level are dropped. */
  logLevel: number;
  isTimed: boolean;
}

/** Runs a call in the metered copy, without any effect. So V8 compiles what the call needs, for the event loop too. */
export interface RehearsalTask extends Omit<ModuleTask, 'kind' | 'isTimed'> {
  kind: 'rehearsal';
  /** The fuel of the call. */
  units: number;
}

/** Prepares the thread for calls of a function. */
export interface WarmUpTask {
  kind: 'warm-up';
  guest:
    | { component: ComponentTemplate }
    | {
        module: InstanceTemplate;
        /** The export that runs an example of a call, if the function has one. */
        warmUp?: string | undefined;
      };
}

/** How a call ended. */
export type Outcome =
  | (GuestResponse & { times?: StageTimes | undefined })
  | { failure: 'trap' | 'memory'; reason: string };

/**
 * A message from the thread: that it has started, a log entry of the call, or the outcome of the call.
 *
 * Each log entry is sent at once, so that it is not lost if the thread is terminated.
 */
export type Message = 'started' | { entry: [Level, string] } | { outcome: Outcome };

/** The outcome of a warm-up or rehearsal. */
const NOTHING: Outcome = { status: 204, headers: [], body: new Uint8Array() };

/** Sends a message. The buffers are transferred, not copied. */
function send(message: Message, buffers: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, buffers);
}

async function run(task: Task): Promise<void> {
  const log: Log = (...entry) => send({ entry });
  try {
    if (task.kind === 'warm-up') {
      const { guest } = task;
      if ('component' in guest) await prepareComponent(guest.component, log);
      else prepare(guest.module, guest.warmUp, log);
      return send({ outcome: NOTHING });
    }
    if (task.kind === 'rehearsal') return send({ outcome: { ...NOTHING, unitsLeft: rehearse(task) } });
    const stopwatch = task.isTimed ? new Stopwatch() : undefined;
    const start = performance.now();
    const response = await callGuest(task, log, stopwatch);
    const milliseconds = performance.now() - start;
    send({ outcome: { ...response, milliseconds, times: stopwatch?.times } }, [response.body.buffer]);
  } catch (error) {
    const failure = error instanceof OutOfMemory ? 'memory' : 'trap';
    send({ outcome: { failure, reason: errorMessage(error) } });
  }
}

function callGuest(
  task: ModuleTask | ComponentTask | ProgramTask,
  log: Log,
  stopwatch: Stopwatch | undefined,
): GuestResponse | Promise<GuestResponse> {
  if (task.kind === 'module') return callModule(task, log, stopwatch);
  return task.kind === 'program' ? callProgram(task, log, stopwatch) : callComponent(task, log, stopwatch);
}

function callModule(
  { template, export: name, head, outputs, body, logLevel }: ModuleTask,
  log: Log,
  stopwatch: Stopwatch | undefined,
): GuestResponse {
  return call(template, { export: name, head, outputs, body: received(body), logLevel, stopwatch }, log);
}

/** Returns the fuel that the call left over, and nothing if it ran out of fuel. */
function rehearse({ template, body, units, ...task }: RehearsalTask): number | undefined {
  try {
    return call(template, { ...task, body: received(body), units }, () => undefined).unitsLeft;
  } catch (error) {
    return error instanceof OutOfFuel ? undefined : 0;
  }
}

/** Wraps a body. After it is copied into the guest, its buffer can serve for a response. */
function received(body: Uint8Array<ArrayBuffer>): RequestBody {
  return {
    length: body.length,
    copyTo: (target, offset) => target.set(body, offset),
    release: () => releaseBuffer(body),
  };
}

parentPort?.on('message', run);
send('started');
