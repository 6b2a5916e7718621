// What an app sets: application settings, which are environment variables, and host.json.

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { SERVER_TIMING } from './serverTiming';

const UNITS = { ms: 1, s: 1000, m: 60_000 } as const;

/** `BLUECRAB_THREADS`: how many worker threads run calls; as many as can run at once where it is not set. */
export function threadCount(): number {
  return wholeNumber('BLUECRAB_THREADS', availableParallelism(), 1);
}

/** `BLUECRAB_QUEUE`: how many calls may wait for each thread. */
export function queuePerThread(): number {
  return wholeNumber('BLUECRAB_QUEUE', 64, 0);
}

/** `BLUECRAB_RECYCLE_BYTES`: past so much memory after a call, an instance gives way to a new one. */
export function recycleBytes(): number {
  return wholeNumber('BLUECRAB_RECYCLE_BYTES', 256 << 20, 0);
}

/** `BLUECRAB_SERVER_TIMING`: whether answers say in a header how long their stages took. */
export function isServerTimingOn(): boolean {
  const value = process.env[SERVER_TIMING] ?? '';
  if (value === '' || value === '0') return false;
  if (value === '1') return true;
  throw new Error(`the app setting ${SERVER_TIMING} is "${value}": 1 or 0 is expected`);
}

/**
 * The deadline of a function's calls in milliseconds: `BLUECRAB_TIMEOUT_NAME` for the function `name`, such as `10s`,
 * else what its manifest says; never more than `functionTimeout` of host.json.
 */
export function timeoutMs(name: string, declared: number): number {
  const variable = `BLUECRAB_TIMEOUT_${name.replace(/\W/g, '_').toUpperCase()}`;
  const value = process.env[variable];
  const wanted = value === undefined ? declared : duration(variable, value);
  return Math.min(wanted, functionTimeoutMs() ?? Number.POSITIVE_INFINITY);
}

function duration(variable: string, value: string): number {
  const [, number, unit] = /^(\d+)(ms|s|m)$/.exec(value) ?? [];
  const milliseconds = Number(number) * UNITS[unit as keyof typeof UNITS];
  if (milliseconds > 0) return milliseconds;
  throw new Error(
    `the app setting ${variable} is "${value}": a duration such as 500ms, 30s or 2m is expected`,
  );
}

function wholeNumber(variable: string, fallback: number, least: number): number {
  const value = process.env[variable];
  if (value === undefined || value === '') return fallback;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`the app setting ${variable} is "${value}": a whole number from ${least} is expected`);
}

/** `functionTimeout` of the app's host.json, `[d.]hh:mm:ss`; nothing where it is not set, or without end. */
function functionTimeoutMs(): number | undefined {
  let timeout: unknown;
  try {
    timeout = JSON.parse(readFileSync('host.json', 'utf8')).functionTimeout;
  } catch {
    // The host complains of a host.json that is missing or wrong.
    return undefined;
  }
  const match = typeof timeout === 'string' ? /^(?:(\d+)\.)?(\d+):(\d+):(\d+)/.exec(timeout) : null;
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
  return total > 0 ? total * 1000 : undefined;
}
