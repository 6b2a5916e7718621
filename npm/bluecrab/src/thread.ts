// What runs on a worker thread: one call after the other.

import { parentPort } from 'node:worker_threads';
import { giveBack } from './buffers';
import { OutOfMemory, type RequestBody } from './instance';
import { type Blueprint, call } from './instances';
import { type Level, MAX_LOG_ENTRIES } from './log';
import type { Headers } from './responseHead';
import { type StageTimes, Stopwatch } from './serverTiming';
import { transferred } from './transferred';

/** What a thread is asked to do. */
export interface Task {
  /** Names the call in the log entries that arrive before its outcome. */
  id: number;
  blueprint: Blueprint;
  export: string;
  head: string;
  /** The thread's own now. */
  body: Uint8Array<ArrayBuffer>;
  isTimed: boolean;
}

/** An entry of a call's log, sent at once: nothing is lost with a thread that has to be ended. */
export interface LogEntry {
  id: number;
  level: Level;
  message: string;
}

/** How a call ended, and how many log entries it has sent. */
export type Outcome = { entries: number } & (
  | {
      status: number;
      headers: Headers;
      body: Uint8Array<ArrayBuffer>;
      times?: StageTimes | undefined;
    }
  | { failure: 'trap' | 'memory'; reason: string }
);

export default function run({ id, blueprint, export: name, head, body, isTimed }: Task): unknown {
  const stopwatch = isTimed ? new Stopwatch() : undefined;
  let entries = 0;
  const log = (level: Level, message: string) => {
    // One more than are kept tells that there are more.
    if (entries > MAX_LOG_ENTRIES) return;
    entries++;
    parentPort?.postMessage({ id, level, message } satisfies LogEntry);
  };
  try {
    const response = call(blueprint, { export: name, head, body: received(body), stopwatch }, log);
    const outcome: Outcome = { entries, ...response, times: stopwatch?.times };
    return transferred(outcome, [response.body.buffer]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { entries, failure: error instanceof OutOfMemory ? 'memory' : 'trap', reason } satisfies Outcome;
  }
}

/** A body in a buffer that serves for a response when it is read. */
function received(body: Uint8Array<ArrayBuffer>): RequestBody {
  return {
    length: body.length,
    copyTo: (target, offset) => target.set(body, offset),
    release: () => giveBack(body),
  };
}
