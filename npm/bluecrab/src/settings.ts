// Reads the app settings, which are environment variables.

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { hostSettings } from './hostJson';
import { SERVER_TIMING } from './serverTiming';

const UNITS = { ms: 1, s: 1000, m: 60_000 } as const;

/**
 * `BLUECRAB_THREADS`: how many worker threads this process has.
 *
 * By default, the processes of `FUNCTIONS_WORKER_PROCESS_COUNT` share the processors.
 */
export function threadCount(): number {
  const processes = wholeNumber('FUNCTIONS_WORKER_PROCESS_COUNT', 1, 1);
  const processors = Math.min(availableParallelism(), processorLimit());
  return wholeNumber('BLUECRAB_THREADS', Math.max(1, Math.floor(processors / processes)), 1);
}

/**
 * Returns how many processors a container's cgroup allows, which may be a fraction, or infinity.
 *
 * `availableParallelism` considers the cgroup only from Node.js 22 on, ignores a limit of less than one processor, and
 * finds a limit of cgroup version 1 on some systems only.
 */
export function processorLimit(folder = '/sys/fs/cgroup'): number {
  for (const files of [['cpu.max'], ['cpu/cpu.cfs_quota_us', 'cpu/cpu.cfs_period_us']]) {
    try {
      const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join(' ');
      const [quota = 0, period = 0] = text.trim().split(/\s+/).map(Number);
      if (quota > 0 && period > 0) return quota / period;
    } catch {
      // The file is missing: the system has the other version of cgroups, or no cgroups.
    }
  }
  return Number.POSITIVE_INFINITY;
}

/** `BLUECRAB_QUEUE`: how many calls may wait for each thread. */
export function queuePerThread(): number {
  return wholeNumber('BLUECRAB_QUEUE', 64, 0);
}

/** `BLUECRAB_BODY_BYTES`: how many bytes of HTTP bodies and their inputs this process may hold at once. */
export function bodyBytes(): number {
  return wholeNumber('BLUECRAB_BODY_BYTES', 256 << 20, 1);
}

/** `BLUECRAB_RECYCLE_BYTES`: an instance with more memory than this after a call is replaced. */
export function recycleBytes(): number {
  return wholeNumber('BLUECRAB_RECYCLE_BYTES', 256 << 20, 0);
}

/** `BLUECRAB_SERVER_TIMING`: whether responses have a header with the times of their stages. */
export function isServerTimingOn(): boolean {
  return flag(SERVER_TIMING) ?? false;
}

/** `BLUECRAB_INLINE`: whether short calls run on the event loop. */
export function runsShortCallsInline(): boolean {
  return flag('BLUECRAB_INLINE') ?? true;
}

/**
 * `BLUECRAB_DEBUG`: whether all calls of modules run on the event loop, without a deadline. A debugger finds them in one
 * place then, and may stop them for as long as it likes.
 */
export function isDebugged(): boolean {
  return flag('BLUECRAB_DEBUG') ?? false;
}

/** `BLUECRAB_HTTP_STREAM`: whether the library turns HTTP streaming on. Without it the functions' limits decide. */
export function httpStream(): boolean | undefined {
  return flag('BLUECRAB_HTTP_STREAM');
}

function flag(variable: string): boolean | undefined {
  const value = process.env[variable] ?? '';
  if (value === '') return undefined;
  if (value === '0' || value === '1') return value === '1';
  throw new Error(`the app setting ${variable} is "${value}": expected 1 or 0`);
}

/** Node.js fires a timer with a longer time at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

function isTimeout(milliseconds: unknown): milliseconds is number {
  const number = Number.isInteger(milliseconds) ? Number(milliseconds) : 0;
  return number > 0 && number <= LONGEST_TIMEOUT_MS;
}

/**
 * Returns a function's timeout as declared.
 *
 * @param what - names the setting in the error
 * @throws Error if a timer of Node.js cannot wait for so long
 */
export function checkedTimeout(milliseconds: unknown, what: string): number {
  if (isTimeout(milliseconds)) return milliseconds;
  throw new Error(`${what} must be a whole number from 1 to ${LONGEST_TIMEOUT_MS}`);
}

/**
 * Returns the deadline of a function's calls in milliseconds.
 *
 * `BLUECRAB_TIMEOUT_NAME`, such as `10s`, replaces the manifest's deadline of the function `name`. The deadline is
 * never longer than `functionTimeout` in host.json.
 */
export function timeoutMs(name: string, declared: number): number {
  const variable = `BLUECRAB_TIMEOUT_${name.replace(/\W/g, '_').toUpperCase()}`;
  const value = process.env[variable];
  const wanted = value === undefined || value === '' ? declared : duration(variable, value);
  return Math.min(wanted, functionTimeoutMs() ?? Number.POSITIVE_INFINITY);
}

function duration(variable: string, value: string): number {
  const [, number, unit] = /^(\d+)(ms|s|m)$/.exec(value) ?? [];
  const milliseconds = Number(number) * UNITS[unit as keyof typeof UNITS];
  if (isTimeout(milliseconds)) return milliseconds;
  const expected =
    milliseconds > LONGEST_TIMEOUT_MS
      ? 'the longest duration is 35791m'
      : 'expected a duration such as 500ms, 30s or 2m';
  throw new Error(`the app setting ${variable} is "${value}": ${expected}`);
}

function wholeNumber(variable: string, fallback: number, least: number): number {
  const value = process.env[variable];
  if (value === undefined || value === '') return fallback;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`the app setting ${variable} is "${value}": expected a whole number from ${least}`);
}

/**
 * Returns the `functionTimeout` of the app in milliseconds, or nothing if there is no limit.
 *
 * A negative time span sets no limit. An invalid time span sets none either: the host reports it.
 */
function functionTimeoutMs(): number | undefined {
  const milliseconds = timeSpanMs(String(hostSettings().get('functiontimeout')));
  return milliseconds !== undefined && milliseconds > 0 ? milliseconds : undefined;
}

const DAY_S = 24 * 60 * 60;
const DAYS = /^\d{1,9}$/;
/** The groups are days, hours, minutes, and seconds with their fraction. */
const CLOCK = /^(?:(\d{1,9})\.)?(\d{1,9}):(\d{1,9})(?::(\d{1,9}(?:\.\d{1,7})?))?$/;

/**
 * Reads a time span of .NET in milliseconds: `[-]days` or `[-][days.]hours:minutes[:seconds[.fraction]]`.
 *
 * As in .NET, a first number of 24 or more counts days: `24:00:00` is 24 days. With four numbers, a colon may follow the
 * days.
 */
function timeSpanMs(text: string): number | undefined {
  const [, sign, span = ''] = /^(-?)(.*)$/.exec(text.trim()) ?? [];
  const direction = sign === '-' ? -1000 : 1000;
  if (DAYS.test(span)) return direction * Number(span) * DAY_S;
  const match = CLOCK.exec(span.replace(/^(\d+):(?=\d+:\d+:)/, '$1.'));
  if (match === null) return undefined;
  const hasDays = match[1] !== undefined;
  let [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  if (!hasDays && hours >= 24) {
    [days, hours, minutes, seconds] = [hours, minutes, Math.trunc(seconds), seconds % 1];
  }
  if (hours >= 24 || minutes >= 60 || seconds >= 60) return undefined;
  return direction * (days * DAY_S + (hours * 60 + minutes) * 60 + seconds);
}
