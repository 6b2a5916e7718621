// What a guest logs: entries of the running invocation, and lines of its standard output and error.

import type { InvocationContext } from '@azure/functions';

export type Level = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical';
export type Log = (level: Level, message: string) => void;

/** The levels by their numbers; the one after the last means that nothing is logged. */
export const LEVELS: readonly Level[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical'];
const WARNING = LEVELS.indexOf('warning');

/** Longer entries are cut, longer lines are logged in parts. */
const MAX_ENTRY_BYTES = 8192;
/** Entries of one call, at any level. */
const MAX_ENTRIES = 1000;
/** As many warnings and errors more. */
const RESERVED_ENTRIES = 100;
/** As many of the last warnings and errors beyond both: a panic's message is the last. */
const LAST_ENTRIES = 100;
/** Of as many pieces at the end of one write, these last entries are made. */
const LAST_PIECES = 16;

const METHODS = {
  trace: 'trace',
  debug: 'debug',
  information: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'error',
} as const;

/** The log of an invocation. A log hook of the app that throws costs the entry, not the call. */
export function logTo(context: InvocationContext): Log {
  return (level, message) => {
    try {
      context[METHODS[level]](message);
    } catch (error) {
      console.error(`a log hook of the app failed, and this entry was not logged: ${message}`, error);
    }
  };
}

/** The log of one call: passes on what its level admits, a bounded number of entries. */
export class GuestLog {
  /** Entries below this level are dropped. */
  readonly minimum: number;
  readonly #log: Log;
  #count = 0;
  #hasDropped = false;
  #last: [Level, string][] = [];

  constructor(log: Log, minimum: number) {
    this.#log = log;
    this.minimum = minimum;
  }

  /** Whether an entry of this level may be kept. */
  takes(level: Level): boolean {
    const severity = LEVELS.indexOf(level);
    if (severity < this.minimum) return false;
    if (this.#count < MAX_ENTRIES || severity >= WARNING) return true;
    this.#warnOnce();
    return false;
  }

  /** Whether only the last entries are kept from now on. */
  get isFull(): boolean {
    return this.#count >= MAX_ENTRIES + RESERVED_ENTRIES;
  }

  add(level: Level, message: string): void {
    if (!this.takes(level)) return;
    if (!this.isFull) {
      this.#count++;
      this.#log(level, message);
      return;
    }
    this.#warnOnce();
    this.#last.push([level, message]);
    if (this.#last.length > LAST_ENTRIES) this.#last.shift();
  }

  addBytes(level: Level, bytes: Uint8Array): void {
    if (this.takes(level)) this.add(level, new TextDecoder().decode(bytes.subarray(0, MAX_ENTRY_BYTES)));
  }

  /** Passes on the last entries. */
  end(): void {
    for (const [level, message] of this.#last.splice(0)) this.#log(level, message);
  }

  #warnOnce(): void {
    if (this.#hasDropped) return;
    this.#hasDropped = true;
    this.#log(
      'warning',
      `more than ${MAX_ENTRIES} log entries: the rest is dropped, but for ${RESERVED_ENTRIES} warnings and errors and the last ${LAST_ENTRIES} of them`,
    );
  }
}

/** Cuts what is written to standard output and error into log lines. */
export class LogLines {
  readonly #log: () => GuestLog;
  readonly #pending: Record<'information' | 'error', Buffer> = {
    information: Buffer.of(),
    error: Buffer.of(),
  };

  /** @param log - the log of the running call */
  constructor(log: () => GuestLog) {
    this.#log = log;
  }

  /** Takes the piece at `index` of `count` that are written at once. */
  writePiece(level: 'information' | 'error', bytes: () => Uint8Array, index: number, count: number): void {
    if (!this.#log().isFull || index + LAST_PIECES >= count) this.write(level, bytes());
  }

  write(level: 'information' | 'error', { buffer, byteOffset, length }: Uint8Array): void {
    const log = this.#log();
    let rest = Buffer.from(buffer, byteOffset, length);
    while (log.takes(level)) {
      // The end may be the message of a panic.
      if (log.isFull) rest = rest.subarray(-MAX_ENTRY_BYTES);
      const pending = this.#pending[level];
      const room = MAX_ENTRY_BYTES - pending.length;
      const end = rest.subarray(0, room + 1).indexOf('\n');
      if (end < 0 && rest.length <= room) {
        this.#pending[level] = Buffer.concat([pending, rest]);
        return;
      }
      const cut = end < 0 ? room : end;
      log.add(level, Buffer.concat([pending, rest.subarray(0, cut)]).toString());
      this.#pending[level] = Buffer.of();
      rest = rest.subarray(end < 0 ? cut : cut + 1);
    }
    this.#pending[level] = Buffer.of();
  }

  /** Logs what is left without a line break at its end. */
  flush(): void {
    for (const level of ['information', 'error'] as const) {
      const pending = this.#pending[level];
      if (pending.length === 0) continue;
      this.#pending[level] = Buffer.of();
      this.#log().add(level, pending.toString());
    }
  }
}
