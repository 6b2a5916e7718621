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
  /** The library's context of the invocation, for log hooks. */
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
    const { level, message, category } = this.#app.hasHooks('log') ? this.#hooked(entry) : entry;
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

  #hooked(entry: LogEntry): LogEntry {
    const { level, message, category, context } = entry;
    const hookContext = {
      hookData: {},
      appHookData: this.#app.hookData,
      level,
      message,
      category,
      invocationContext: context,
    };
    this.#app.runHooksNow('log', hookContext);
    return { ...entry, level: hookContext.level, message: hookContext.message };
  }
}

/** The protocol's enums are the library's words with a capital. */
export function capital<T extends string>(word: T): T {
  return (word.charAt(0).toUpperCase() + word.slice(1)) as T;
}
