// Log entries to the host.

import type { RpcLogCategory, RpcLogLevel } from '@azure/functions-core';
import type { App } from './app';
import type { Stream } from './stream';

export interface LogEntry {
  level: RpcLogLevel;
  category: RpcLogCategory;
  message: string;
  invocationId?: string;
  origin?: string;
  /** What the invocation's hooks share and the library's context of it, for log hooks. */
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
   * The entry as the log hooks leave it. As on the platform they see the system's entries but cannot change them, and
   * what they throw does not reach the code that logs.
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

/** The protocol's enums are the library's words with a capital. */
export function capital<T extends string>(word: T): T {
  return (word.charAt(0).toUpperCase() + word.slice(1)) as T;
}
