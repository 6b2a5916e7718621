// Sends log entries to the host.

import type { RpcLogCategory, RpcLogLevel } from '@azure/functions-core';
import type { App } from './app';
import type { Stream } from './stream';

export interface LogEntry {
  level: RpcLogLevel;
  category: RpcLogCategory;
  message: string;
  invocationId?: string;
  origin?: string;
  /** For log hooks: the data that the invocation's hooks share, and the invocation's context in `@azure/functions`. */
  hookData?: Record<string, unknown>;
  context?: object;
}

export class Logger {
  readonly #stream: Stream;
  readonly #app: App;

  constructor(stream: Stream, app: App) {
    this.#stream = stream;
    this.#app = app;
  }

  log(entry: LogEntry): void {
    const { level, message, category } = this.#app.hasLogHooks() ? this.#hooked(entry) : entry;
    this.#stream.send({
      rpcLog: {
        level: capital(level),
        message,
        logCategory: capital(category),
        ...(entry.invocationId !== undefined && { invocationId: entry.invocationId }),
        ...(entry.origin !== undefined && { category: entry.origin }),
      },
    });
  }

  /**
   * Runs the log hooks and returns the entry as they changed it.
   *
   * As on the platform, log hooks see system entries but cannot change them, and the code that logs does not see their
   * errors.
   */
  #hooked(entry: LogEntry): LogEntry {
    const { category, hookData, context } = entry;
    const readOnly = { category, invocationContext: context };
    const members = { level: entry.level, message: entry.message };
    const hookContext = this.#app.hookContext(members, readOnly, hookData);
    try {
      this.#app.runLogHooks(hookContext);
    } catch {
      return entry;
    }
    const { level, message } = hookContext;
    return category === 'user' && typeof level === 'string' ? { ...entry, level, message } : entry;
  }
}

/** Capitalizes a word of `@azure/functions`, as the protocol's enums are written. */
export function capital<T extends string>(word: T): T {
  return (word.charAt(0).toUpperCase() + word.slice(1)) as T;
}
