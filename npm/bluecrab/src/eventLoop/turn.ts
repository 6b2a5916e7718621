// Limits the time of short calls in one turn of the event loop, so that many at once do not hold up everything else.

/** A turn with about this much time in short calls takes no more of them. */
const MOST_MS = 2;
/**
 * After this much time the next turn starts again from zero. A callback in each turn would cost more than many short
 * calls, so less time than this is carried over.
 */
const CARRIED_MS = 0.5;

let spentMs = 0;

/** Whether this turn of the event loop has time for a short call. */
export function turnHasTime(): boolean {
  return spentMs < MOST_MS;
}

/** Counts the time of a call. */
export function spendTurn(milliseconds: number): void {
  if (spentMs < CARRIED_MS && spentMs + milliseconds >= CARRIED_MS) {
    setImmediate(() => {
      spentMs = 0;
    });
  }
  spentMs += milliseconds;
}
