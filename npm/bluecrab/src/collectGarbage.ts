import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let gc: (() => void) | undefined;

/**
 * Collects the garbage of this thread at once.
 *
 * The memory of an instance lies outside of V8's heap, so V8 would free it late.
 */
export function collectGarbage(): void {
  if (gc === undefined) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
  }
  gc();
}

/** A thread collects its garbage when the instances that it has dropped have this much memory. */
const MAX_DROPPED_BYTES = 64 << 20;

let droppedBytes = 0;

/**
 * Counts the memory of an instance that this thread does not use again.
 *
 * @param limit - at least this much memory is freed at once
 */
export function dropMemory(bytes: number, limit = MAX_DROPPED_BYTES): void {
  droppedBytes += bytes;
  if (droppedBytes <= Math.min(limit, MAX_DROPPED_BYTES)) return;
  droppedBytes = 0;
  collectGarbage();
}
