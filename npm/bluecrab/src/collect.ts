// Freeing the memory of instances: it is outside of the engine's heap, and the engine is in no hurry to collect for it.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collectGarbage: (() => void) | undefined;

/** Collects the garbage of this thread at once. */
export function collect(): void {
  if (collectGarbage === undefined) {
    setFlagsFromString('--expose-gc');
    collectGarbage = runInNewContext('gc') as () => void;
  }
  collectGarbage();
}
