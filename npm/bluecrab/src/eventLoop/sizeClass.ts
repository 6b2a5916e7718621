// Learns whether the calls of a function are short, from its calls with bodies of similar length.

/** A call that takes longer than this goes to a thread. The way there and back takes about as long. */
const SHORT_MS = 0.5;

/**
 * A call that used less fuel was short. If the clock says otherwise, the machine was busy. Optimised code uses at least
 * 5000 units in a microsecond.
 */
const SHORT_UNITS = SHORT_MS * 1000 * 5000;

/**
 * The fuel of a call: few units, or the most if its rehearsal used more than half of the few. An endless loop uses
 * about 9000 units in a microsecond. Other code may use several times as many, because a piece of code is charged for
 * the branches that it skips.
 */
const FEW_UNITS = 8_000_000;
export const MOST_UNITS = 32_000_000;

/** How many calls go to the threads before one is rehearsed. */
const FIRST_THREAD_CALLS = 1;
/** How many calls go to the threads after a call that was too long. Doubles with each such call. */
const FIRST_BACK_OFF = 16;
const MOST_BACK_OFF = 1024;
/**
 * After this many calls in a row that were short on a thread, the next one is rehearsed: the function's bodies have
 * changed. After many calls that were too long, it takes an eighth of the calls that would go to the threads.
 */
const FEWEST_SHORT = 16;
const SHORT_SHARE = 1 / 8;

/** The calls of a function whose bodies have lengths between two powers of two. */
export class SizeClass {
  /** The fuel of a call, which should last for about a millisecond. */
  units = FEW_UNITS;
  /** Whether a call is expected to be short. */
  isShort = false;
  /** How many of the next calls go to a thread before one is rehearsed. */
  #threadCalls = FIRST_THREAD_CALLS;
  #backOff = FIRST_BACK_OFF;
  /** How many short calls there were since the last long one. */
  #streak = 0;
  #wasSlow = false;
  /** How many calls in a row were short on a thread. */
  #shortOnThreads = 0;

  /** Counts a call that goes to a thread. Returns whether it should be rehearsed. */
  skip(): boolean {
    this.#threadCalls--;
    return this.#threadCalls === 0;
  }

  /** Learns from a call that ran on a thread. */
  ranOnThread(milliseconds: number): void {
    this.#shortOnThreads = milliseconds > SHORT_MS ? 0 : this.#shortOnThreads + 1;
    const enough = Math.max(FEWEST_SHORT, this.#backOff * SHORT_SHARE);
    if (this.#shortOnThreads >= enough && this.#threadCalls > 1) this.#threadCalls = 1;
  }

  /** Learns from a rehearsal whose fuel did not end. */
  rehearsed(units: number): void {
    this.isShort = true;
    this.units = units > FEW_UNITS / 2 ? MOST_UNITS : FEW_UNITS;
  }

  /** Learns from a call on the event loop that ended. */
  ended(milliseconds: number, units: number): void {
    const isSlow = milliseconds > SHORT_MS && units > SHORT_UNITS;
    // A single slow call may be due to a busy machine or to code that is not optimised yet. Two in a row are not.
    if (isSlow && this.#wasSlow) this.useThreads();
    this.#wasSlow = isSlow;
    this.#streak++;
    // After enough short calls, the last long call counts as an exception: the next one sends fewer calls away.
    if (this.#streak < this.#backOff) return;
    this.#streak = 0;
    this.#backOff = Math.max(this.#backOff / 2, FIRST_BACK_OFF);
  }

  /** Sends the next calls to the threads. */
  useThreads(): void {
    this.isShort = false;
    this.#streak = 0;
    this.#shortOnThreads = 0;
    this.#threadCalls = this.#backOff;
    this.#backOff = Math.min(this.#backOff * 2, MOST_BACK_OFF);
  }
}
