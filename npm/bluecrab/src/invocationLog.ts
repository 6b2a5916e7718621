// The log of an invocation, as a guest writes to it.

import type { InvocationContext } from '@azure/functions';
import { type Log, safely } from './log';

const METHODS = {
  trace: 'trace',
  debug: 'debug',
  information: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'error',
} as const;

/** Returns the log of an invocation. If a log hook of the app throws, the entry is lost, but the call continues. */
export function logTo(context: InvocationContext): Log {
  return safely('a log hook of the app', (level, message) => context[METHODS[level]](message));
}
