// The instance of a module on one thread: made when it is first called, and anew when it has failed or grown too large.

import { collect } from '../collect';
import { GuestLog, type Log } from '../log';
import type { Stopwatch } from '../serverTiming';
import { type GuestResponse, Instance, type RequestBody } from './instance';

/** What instances are made of; it crosses to a thread as it is. */
export interface InstanceTemplate {
  /** The module's file, which names it. */
  file: string;
  compiled: WebAssembly.Module;
  /** The environment variables that it sees. */
  env: readonly string[];
  /** Past so much memory after a call, the next call gets a new instance. */
  recycleBytes: number;
}

/** One function called once. */
export interface Call {
  export: string;
  head: string;
  body: RequestBody;
  /** Log entries below this level are dropped. */
  logLevel: number;
  /** Measures its stages, where they are to be measured. */
  stopwatch?: Stopwatch | undefined;
}

const instances = new Map<string, Instance>();

/** How a call ended, and whether it has left much memory to be freed. */
type CallResult = { isLarge: boolean } & ({ response: GuestResponse } | { error: unknown });

/**
 * Calls a function in this thread's instance of the module. Throws what the instance throws.
 *
 * An instance that has failed or become large is gone afterwards; a large one's memory is free again.
 */
export function call(template: InstanceTemplate, call: Call, log: Log): GuestResponse {
  const guestLog = new GuestLog(log, call.logLevel);
  const result = run(template, call, guestLog);
  guestLog.end();
  // No frame refers to the instance any more.
  if (result.isLarge) collect();
  if ('error' in result) throw result.error;
  return result.response;
}

function run(
  template: InstanceTemplate,
  { export: name, head, body, stopwatch }: Call,
  log: GuestLog,
): CallResult {
  let instance: Instance | undefined;
  const isLarge = () => instance !== undefined && instance.memoryBytes > template.recycleBytes;
  try {
    instance = take(template, log);
    // To make an instance is a part of getting ready.
    stopwatch?.lap('queue');
    const response = instance.call(name, head, body, stopwatch);
    if (!isLarge()) instances.set(template.file, instance);
    return { isLarge: isLarge(), response };
  } catch (error) {
    // An error refers to the instance whose frames it has seen, until its stack is a text.
    if (error instanceof Error) void error.stack;
    return { isLarge: isLarge(), error };
  }
}

function take({ file, compiled, env }: InstanceTemplate, log: GuestLog): Instance {
  const instance = instances.get(file) ?? new Instance(compiled, env, log);
  instances.delete(file);
  instance.log = log;
  return instance;
}
