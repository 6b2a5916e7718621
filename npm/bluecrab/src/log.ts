// What a guest logs: entries of the running invocation, and lines of its standard output and error.

export type Level = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical';
export type Log = (level: Level, message: string) => void;

const LEVELS: readonly Level[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical'];
/** Longer entries are cut, longer lines are logged in parts. */
export const MAX_ENTRY_BYTES = 8192;

/** Entries of one invocation; what a guest logs beyond them is dropped, and said so once. */
export const MAX_LOG_ENTRIES = 1000;

export function levelName(level: number): Level {
  return LEVELS[level] ?? 'information';
}

/** Where the line ends that is at the start, as far as an entry reaches; -1 where it does not. */
function lineEnd(bytes: Buffer): number {
  return bytes.subarray(0, MAX_ENTRY_BYTES + 1).indexOf(10);
}

/** Cuts what is written to standard output and error into log lines. */
export class LogLines {
  readonly #log: Log;
  readonly #pending: Record<'information' | 'error', Buffer> = {
    information: Buffer.of(),
    error: Buffer.of(),
  };

  constructor(log: Log) {
    this.#log = log;
  }

  write(level: 'information' | 'error', bytes: Uint8Array): void {
    let pending = Buffer.concat([this.#pending[level], bytes]);
    for (let end = lineEnd(pending); end >= 0 || pending.length > MAX_ENTRY_BYTES; end = lineEnd(pending)) {
      const cut = end < 0 ? MAX_ENTRY_BYTES : end;
      this.#log(level, pending.toString('utf8', 0, cut));
      pending = pending.subarray(cut === end ? cut + 1 : cut);
    }
    this.#pending[level] = pending;
  }

  /** Logs what is left without a line break at its end. */
  flush(): void {
    for (const level of ['information', 'error'] as const) {
      const pending = this.#pending[level];
      if (pending.length === 0) continue;
      this.#pending[level] = Buffer.of();
      this.#log(level, pending.toString('utf8'));
    }
  }
}
