// What runs on a worker thread: one call after the other.

import { parentPort } from 'node:worker_threads';
import { move } from 'piscina';
import { OutOfMemory } from './instance';
import { type Blueprint, type Call, call } from './instances';
import type { Level } from './log';

/** What a thread is asked to do. */
export interface Task {
  /** Names the call in the log entries that arrive before its outcome. */
  id: number;
  blueprint: Blueprint;
  call: Call;
}

/** An entry of a call's log, sent at once: nothing is lost with a thread that has to be ended. */
export interface LogEntry {
  id: number;
  level: Level;
  message: string;
}

/** How a call ended, and how many log entries it has sent. */
export type Outcome = { entries: number } & (
  | { status: number; headers: [string, string][]; body: Uint8Array<ArrayBuffer> }
  | { failure: 'trap' | 'memory'; reason: string }
);

export default function run({ id, blueprint, call: called }: Task): Outcome {
  let entries = 0;
  const log = (level: Level, message: string) => {
    entries++;
    parentPort?.postMessage({ id, level, message } satisfies LogEntry);
  };
  try {
    const { status, headers, body } = call(blueprint, called, log);
    return moved({ entries, status, headers, body });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { entries, failure: error instanceof OutOfMemory ? 'memory' : 'trap', reason };
  }
}
