// How long the stages of a call take, and the header that says so. See docs/abi.md, section 12.

import { performance } from 'node:perf_hooks';
import type { Headers } from './module/responseHead';

/** The app setting that turns it on; every module sees it. */
export const SERVER_TIMING = 'BLUECRAB_SERVER_TIMING';

const HEADER = 'server-timing';
/** Metrics of the guest's own; the rest is dropped. */
const MAX_METRICS = 100;
const STAGES = ['body', 'queue', 'copy-in', 'compute', 'copy-out'] as const;

export type Stage = (typeof STAGES)[number];

/** Milliseconds by stage. */
export type StageTimes = Record<Stage, number>;

/** Measures one stage after the other. */
export class Stopwatch {
  readonly times: StageTimes = { body: 0, queue: 0, 'copy-in': 0, compute: 0, 'copy-out': 0 };
  #last = performance.now();

  /** Adds the time since the last lap to a stage. */
  lap(stage: Stage): void {
    const now = performance.now();
    this.times[stage] += now - this.#last;
    this.#last = now;
  }

  /** Splits the lap of `queue` that has just ended: what a thread measured within it belongs to its own stages. */
  split(thread: StageTimes): void {
    for (const stage of ['copy-in', 'compute', 'copy-out'] as const) {
      this.times[stage] += thread[stage];
      this.times.queue -= thread[stage];
    }
  }
}

/**
 * A response's header fields with the times of its stages. Metrics of the guest's own, 100 at most, stand behind
 * `compute`, whose parts they are.
 */
export function withServerTiming(headers: Headers, times: StageTimes): Headers {
  const isTiming = ([name]: [string, string]) => name.toLowerCase() === HEADER;
  const own = headers
    .filter(isTiming)
    .flatMap(([, value]) => metrics(value))
    .slice(0, MAX_METRICS);
  const all = STAGES.flatMap((stage) => {
    const metric = `${stage};dur=${Math.max(times[stage], 0).toFixed(3)}`;
    return stage === 'compute' ? [metric, ...own.map((metric) => `compute.${metric}`)] : [metric];
  });
  return [...headers.filter((header) => !isTiming(header)), [HEADER, all.join(', ')]];
}

/** The metrics of a field's value: what is between its commas, outside of quoted strings, and starts with a token. */
function metrics(value: string): string[] {
  const parts = value.match(/(?:"(?:\\.|[^"\\])*"?|[^",])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => /^[!#$%&'*+.^_`|~0-9a-z-]+\s*(;|$)/i.test(part));
}
