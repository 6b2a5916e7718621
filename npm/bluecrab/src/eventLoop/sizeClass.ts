// Learns whether the calls of a function are short, from its calls with bodies of similar length.

/** A longer call goes to a thread: the way there and back takes about as long. */
const SHORT_MS = 0.5;
/** The fuel must not last longer than this. */
const LONG_MS = 2;

/**
 * The fuel of the first call, and the fuel of a call if that ended early. An endless loop uses about 9000 units in a
 * microsecond. Other code uses up to 250,000, because a round of a loop is charged for all of its branches.
 */
const FIRST_UNITS = 8_000_000;
const MOST_UNITS = 32_000_000;

/**
 * How many calls go to the threads before one is tried. The first call of a worker is slow, because V8 compiles the code: an
 * attempt that fails would make it slower.
 */
const FIRST_THREAD_CALLS = 1;
/** How many calls go to the threads after a call that was too long. Doubles with each such call. */
const FIRST_BACK_OFF = 16;
const MOST_BACK_OFF = 1024;

/** The calls of a function whose bodies have lengths between two powers of two. */
export class SizeClass {
  /** The fuel of a call, which should last for about a millisecond. */
  units = FIRST_UNITS;
  /** How many of the next calls go to a thread. */
  #threadCalls = FIRST_THREAD_CALLS;
  #backOff = FIRST_BACK_OFF;
  /** How many short calls there were since the last long one. */
  #streak = 0;
  #wasSlow = false;

  /** Whether a call is expected to be short. */
  get isShort(): boolean {
    return this.#threadCalls === 0;
  }

  /** Counts a call that goes to a thread. */
  skip(): void {
    this.#threadCalls--;
  }

  /** Learns from a call that ended. */
  ended(milliseconds: number): void {
    const isSlow = milliseconds > SHORT_MS;
    // The first time, the machine may have been busy, or the code new.
    if (isSlow && this.#wasSlow) this.useThreads();
    this.#wasSlow = isSlow;
    this.#streak++;
    // After a long call that was an exception, the calls go on as before.
    if (this.#streak < this.#backOff) return;
    this.#streak = 0;
    this.#backOff = Math.max(this.#backOff / 2, FIRST_BACK_OFF);
  }

  /** Learns from a call whose fuel ended. */
  ranOut(milliseconds: number): void {
    const hasMost = this.units === MOST_UNITS;
    this.units = milliseconds < LONG_MS ? MOST_UNITS : FIRST_UNITS;
    // The call may have been short: the fuel ended early.
    if (milliseconds > SHORT_MS || hasMost) this.useThreads();
  }

  /** Sends the next calls to the threads. */
  useThreads(): void {
    this.#streak = 0;
    this.#threadCalls = this.#backOff;
    this.#backOff = Math.min(this.#backOff * 2, MOST_BACK_OFF);
  }
}
