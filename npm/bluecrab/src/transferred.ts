// What a worker thread gives back.

import { move, transferableSymbol, valueSymbol } from 'piscina';

/** An outcome whose buffers go to the event loop's thread without being copied. */
export function transferred(outcome: object, buffers: ArrayBuffer[]): unknown {
  return move({
    get [transferableSymbol]() {
      return buffers;
    },
    get [valueSymbol]() {
      return outcome;
    },
  });
}
