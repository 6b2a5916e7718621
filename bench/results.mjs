// Parts of the results that scripts write for `bluecrab bench --results`.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** Rounds each latency, in milliseconds, to three digits of nanoseconds, and counts how often each value occurs. */
export function pairs(latencies) {
  const counts = new Map();
  for (const latency of latencies) {
    const value = Math.round(Number((latency * 1e6).toPrecision(3)));
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort(([one], [two]) => one - two);
}

/** Describes this machine and this moment. */
export function machine() {
  const output = (program, args) => {
    try {
      return execFileSync(program, args, { encoding: 'utf8' }).trim();
    } catch {
      return undefined;
    }
  };
  const { version } = JSON.parse(readFileSync(new URL('../npm/bluecrab/package.json', import.meta.url)));
  return {
    started: Math.floor(Date.now() / 1000),
    system: `${process.platform} ${process.arch === 'x64' ? 'x86_64' : process.arch}`,
    processor: cpus()[0]?.model,
    cores: availableParallelism(),
    memory: totalmem(),
    bluecrab: version,
    node: process.version,
    commit: output('git', ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*']),
  };
}
