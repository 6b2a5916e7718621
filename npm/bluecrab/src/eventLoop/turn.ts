// Limits the time of short calls in one turn of the event loop, so that many at once do not hold up everything else.

/** A turn with this much time in short calls takes no more of them. */
const MOST_MS = 2;

let spentMs = 0;

/** Whether this turn of the event loop has time for a short call. */
export function turnHasTime(): boolean {
  return spentMs < MOST_MS;
}

/** Counts the time of a call. */
export function spendTurn(milliseconds: number): void {
  if (spentMs === 0) {
    setImmediate(() => {
      spentMs = 0;
    });
  }
  spentMs += milliseconds;
}
