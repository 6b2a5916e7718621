// Calls a module on this thread. The thread keeps one instance of each module, until a call fails or its memory is
// large. A function with `run` = `fresh` has a new instance for each call.

import { collectGarbage } from '../collectGarbage';
import type { GuestResponse } from '../guest';
import { GuestLog, LEVELS, type Log } from '../log';
import { backtrace, FRAMES } from './backtrace';
import { type Call, Instance } from './instance';

/** Makes instances of a module. It can be posted to a worker thread. */
export interface InstanceTemplate {
  /** The module's file. Threads keep their instances by this name. */
  file: string;
  compiled: WebAssembly.Module;
  /** The environment variables that the module may read. */
  env: readonly string[];
  /** An instance with more memory than this after a call is replaced. */
  recycleBytes: number;
  /** Whether each call gets a new instance. */
  isFresh?: boolean;
  /** Whether the module has the names of its functions, as a debug build has. */
  hasNames?: boolean;
}

/** By the module's file; nothing while an instance runs, or if it has failed. */
const instances = new Map<string, Instance | undefined>();

/** `isLarge`: whether the instance has so much memory that it should be freed now. */
type CallResult = { isLarge: boolean } & ({ response: GuestResponse } | { error: unknown });

/**
 * Calls a function in this thread's instance of the module.
 *
 * An instance that fails or becomes large is dropped, and a large memory is freed at once.
 *
 * @throws what `Instance.call` throws
 */
export function call(template: InstanceTemplate, call: Call, log: Log): GuestResponse {
  const guestLog = new GuestLog(log, call.logLevel);
  const result = run(template, call, guestLog);
  guestLog.end();
  // `run` has returned, so no stack frame refers to the instance any more.
  if (result.isLarge) collectGarbage();
  if ('error' in result) throw result.error;
  return result.response;
}

/**
 * Makes this thread's instance of the module before its first call.
 *
 * @param warmUp - the export that runs an example of a call, if there is one
 * @param log - receives entries of level error and above, such as the message of a panic
 * @throws Error if the guest traps
 */
export function prepare(template: InstanceTemplate, warmUp: string | undefined, log: Log): void {
  const guestLog = new GuestLog(log, LEVELS.indexOf('error'));
  const instance = take(template, guestLog);
  if (warmUp !== undefined) instance.warmUp(warmUp);
  guestLog.end();
  keep(template, instance);
}

function run(template: InstanceTemplate, call: Call, log: GuestLog): CallResult {
  let instance: Instance | undefined;
  // An instance that has failed at its start may have grown its memory to the limit.
  const isLarge = () => instance === undefined || instance.memoryBytes > template.recycleBytes;
  const usualFrames = Error.stackTraceLimit;
  try {
    if (template.hasNames) Error.stackTraceLimit = FRAMES;
    instance = take(template, log);
    // The time to make an instance counts as waiting.
    call.stopwatch?.lap('queue');
    const response = instance.call(call);
    keep(template, instance);
    return { isLarge: isLarge(), response };
  } catch (error) {
    // Formatting the stack drops the error's reference to the instance.
    if (error instanceof Error) void error.stack;
    const frames = template.hasNames ? backtrace(error) : undefined;
    if (frames !== undefined) log.add('error', frames);
    return { isLarge: isLarge(), error };
  } finally {
    if (template.hasNames) Error.stackTraceLimit = usualFrames;
  }
}

function take({ file, compiled, env, isFresh }: InstanceTemplate, log: GuestLog): Instance {
  const kept = isFresh ? undefined : instances.get(file);
  if (kept === undefined) return new Instance(compiled, env, log);
  instances.set(file, undefined);
  kept.log = log;
  return kept;
}

function keep({ file, recycleBytes, isFresh }: InstanceTemplate, instance: Instance): void {
  if (!isFresh && instance.memoryBytes <= recycleBytes) instances.set(file, instance);
}
