// The log of a guest: its log entries, and the lines that it writes to its standard output and error.

export type Level = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical';
export type Log = (level: Level, message: string) => void;

/** The levels, by number. The number after the last level means that nothing is logged. */
export const LEVELS: readonly Level[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical'];
const WARNING = LEVELS.indexOf('warning');

/** Longer entries are cut off, longer lines become several entries. */
const MAX_ENTRY_BYTES = 8192;
/** How many entries of any level a call may log. */
const MAX_ENTRIES = 1000;
/** How many warnings and errors follow after that. */
const RESERVED_ENTRIES = 100;
/** How many of the last warnings and errors are kept after both: the message of a panic comes last. */
const LAST_ENTRIES = 100;
/** If the log is full, only this many pieces at the end of a write are read. */
const LAST_PIECES = 16;

/**
 * Returns a log that does not throw: the entry is printed instead, with the error.
 *
 * @param what - names the log in what is printed
 */
export function safely(what: string, log: Log): Log {
  return (level, message) => {
    try {
      log(level, message);
    } catch (error) {
      console.error(`${what} failed, and this entry was not logged: ${message}`, error);
    }
  };
}

/** The log of one call. It passes on a limited number of entries, at the minimum level and above. */
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

  /** Whether an entry of this level may be passed on, now or at the end of the call. */
  takes(level: Level): boolean {
    const severity = LEVELS.indexOf(level);
    if (severity < this.minimum) return false;
    if (this.#count < MAX_ENTRIES || severity >= WARNING) return true;
    this.#warnOnce();
    return false;
  }

  /** Whether new entries wait for the end of the call. */
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

  /** Passes on the entries that waited for the end of the call. */
  end(): void {
    if (this.#last.length === 0) return;
    for (const [level, message] of this.#last.splice(0)) this.#log(level, message);
  }

  #warnOnce(): void {
    if (this.#hasDropped) return;
    this.#hasDropped = true;
    this.#log(
      'warning',
      `more than ${MAX_ENTRIES} log entries: the rest is dropped, except ${RESERVED_ENTRIES} warnings and errors and the last ${LAST_ENTRIES} warnings and errors`,
    );
  }
}

/** Makes log entries of the lines that a guest writes to its standard output and error. */
export class LogLines {
  readonly #log: () => GuestLog;
  readonly #pending: Record<'information' | 'error', Buffer> = {
    information: Buffer.of(),
    error: Buffer.of(),
  };

  /** @param log - returns the log of the running call */
  constructor(log: () => GuestLog) {
    this.#log = log;
  }

  /** Adds piece `index` of the `count` pieces of one write. */
  writePiece(level: 'information' | 'error', bytes: () => Uint8Array, index: number, count: number): void {
    if (!this.#log().isFull || index + LAST_PIECES >= count) this.write(level, bytes());
  }

  write(level: 'information' | 'error', { buffer, byteOffset, length }: Uint8Array): void {
    const log = this.#log();
    let rest = Buffer.from(buffer, byteOffset, length);
    while (log.takes(level)) {
      // Keeps the end, which may be the message of a panic.
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

  /** Logs the last lines, which do not end with a line break. */
  flush(): void {
    const { information, error } = this.#pending;
    if (information.length === 0 && error.length === 0) return;
    for (const level of ['information', 'error'] as const) {
      const pending = this.#pending[level];
      if (pending.length === 0) continue;
      this.#pending[level] = Buffer.of();
      this.#log().add(level, pending.toString());
    }
  }
}
