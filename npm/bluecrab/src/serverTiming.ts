// Measures the stages of a call, and writes them to the header `server-timing`. See docs/abi.md, section 12.

import { performance } from 'node:perf_hooks';
import { type Headers, TOKEN } from './guest';

/** The app setting that turns the header on. Every module may read it. */
export const SERVER_TIMING = 'BLUECRAB_SERVER_TIMING';

const HEADER = 'server-timing';
/** How many metrics a guest may add. */
const MAX_METRICS = 100;
export const STAGES = ['body', 'queue', 'copy-in', 'compute', 'copy-out'] as const;

export type Stage = (typeof STAGES)[number];

/** The milliseconds of each stage. */
export type StageTimes = Record<Stage, number>;

/** Measures one stage after another. */
export class Stopwatch {
  readonly times: StageTimes = { body: 0, queue: 0, 'copy-in': 0, compute: 0, 'copy-out': 0 };
  #last = performance.now();

  /** Adds the time since the last lap to a stage. */
  lap(stage: Stage): void {
    const now = performance.now();
    this.times[stage] += now - this.#last;
    this.#last = now;
  }

  /** Moves the stages that a thread has measured out of `queue`, whose last lap contains them. */
  split(thread: StageTimes): void {
    for (const stage of ['copy-in', 'compute', 'copy-out'] as const) {
      this.times[stage] += thread[stage];
      this.times.queue -= thread[stage];
    }
  }
}

/**
 * Adds the times of the stages to a response's header fields. Up to 100 metrics of the guest follow `compute`, which
 * they are parts of.
 */
export function withServerTiming(headers: Headers, times: StageTimes): Headers {
  const own = guestMetrics(headers);
  const all = STAGES.flatMap((stage) => {
    const metric = `${stage};dur=${Math.max(times[stage], 0).toFixed(3)}`;
    return stage === 'compute' ? [metric, ...own.map((metric) => `compute.${metric}`)] : [metric];
  });
  return [...headers.filter((header) => !isTiming(header)), [HEADER, all.join(', ')]];
}

/** Returns the stages that the guest has measured, with their milliseconds. */
export function guestStages(headers: Headers): [string, number][] {
  return guestMetrics(headers).flatMap((metric) => {
    const [, name, duration] = /^([^;\s]+)\s*;.*\bdur=(\d+(?:\.\d+)?)/.exec(metric) ?? [];
    return name && duration ? [[name, Number(duration)]] : [];
  });
}

function isTiming([name]: readonly [string, string]): boolean {
  return name.toLowerCase() === HEADER;
}

function guestMetrics(headers: Headers): string[] {
  return headers
    .filter(isTiming)
    .flatMap(([, value]) => metrics(value))
    .slice(0, MAX_METRICS);
}

/** Splits a field's value at the commas outside of quoted strings. Returns the parts that begin with a token. */
function metrics(value: string): string[] {
  const parts = value.match(/(?:"(?:\\.|[^"\\])*"?|[^",])+/g) ?? [];
  const nameOf = (part: string) => part.split(';', 1)[0]?.trimEnd() ?? '';
  return parts.map((part) => part.trim()).filter((part) => TOKEN.test(nameOf(part)));
}
