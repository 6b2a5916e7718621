// The environment variables that tell a program about its invocation, if HTTP does not call it.

import type { InvocationContext } from '@azure/functions';
import { entriesOf } from '../program/variables';
import { memberReaders } from './invocationHead';

/** Returns the variables of an invocation. */
export function triggerVariables(context: InvocationContext): string[] {
  const head = Object.fromEntries(
    memberReaders(['trace', 'retry', 'metadata']).map(([name, read]) => [name, read(context)]),
  ) as { trace?: object; retry?: object; metadata?: object };
  const variables = {
    FUNCTION_NAME: context.functionName,
    INVOCATION_ID: context.invocationId,
    ...named('', head.trace),
    ...named('RETRY_', head.retry),
    ...named('TRIGGER_', head.metadata),
  };
  return entriesOf(variables);
}

/** Makes names of variables from names such as `dequeueCount`. */
function named(prefix: string, members: object = {}): Record<string, unknown> {
  const variables = Object.entries(members).map(([name, value]) => [
    prefix +
      name
        .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
        .replace(/\W/g, '_')
        .toUpperCase(),
    value,
  ]);
  return Object.fromEntries(variables);
}
