// The fuel of an instance of a metered copy. The guest counts it down as it runs, and traps once it is below zero. See
// docs/abi.md, section 8.

import { trap } from './trap';

const FUEL_EXPORT = 'bluecrab_fuel';

/** What a new instance may use before its first call. */
const START_UNITS = 4_000_000;

/** The call needs more time, or a deeper stack, than it may have on the event loop. It can run again on a worker thread. */
export class OutOfFuel extends Error {}

/** The fuel of one instance. An instance of the module itself has no limit. */
export class Fuel {
  #left: WebAssembly.Global<'i32'> | undefined;

  /** Takes the counter from the exports of the instance. */
  connect(exports: Record<string, unknown>): void {
    this.#left = exports[FUEL_EXPORT] as WebAssembly.Global<'i32'> | undefined;
  }

  /** Sets what the guest may use until the next `fill`. */
  fill(units = START_UNITS): void {
    if (this.#left) this.#left.value = units;
  }

  /** Counts work of the host for the guest. Traps if the fuel ends. */
  spend(units: number): void {
    const left = this.end(units);
    if (this.#left && left !== undefined) this.#left.value = left;
  }

  /** Counts the last work for a call, after the guest has returned. Returns what is left. Traps if the fuel ends. */
  end(units: number): number | undefined {
    if (this.#left === undefined) return undefined;
    const left = this.#left.value - Math.ceil(units);
    if (left >= 0) return left;
    this.#left.value = -1;
    return trap();
  }

  /**
   * Whether a call failed only because it ran on the event loop.
   *
   * The main thread has a smaller stack than a worker thread, so an overflow does not count as a failure.
   */
  isReasonOf(error: unknown): boolean {
    return this.#left !== undefined && (this.#left.value < 0 || error instanceof RangeError);
  }
}
