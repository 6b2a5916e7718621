// The memory of this process.

import { setTimeout as sleep } from 'node:timers/promises';

const MIB = 1 << 20;
const PATIENCE_MS = 30_000;

/**
 * Returns how many MiB of memory this process has.
 *
 * @param wanted - waits for less than this: V8 returns memory to the system from another thread
 */
export async function residentMiB(wanted = Number.POSITIVE_INFINITY) {
  const resident = () => process.memoryUsage.rss() / MIB;
  for (const end = Date.now() + PATIENCE_MS; resident() >= wanted && Date.now() < end; ) await sleep(20);
  return resident();
}
