// One line of a manifest: the declaration of a function, checked and completed with defaults. See docs/abi.md, section
// 4.

import type { RetryOptions } from '@azure/functions';
import { errorMessage } from '../errorMessage';
import { checkedTimeout } from '../settings';
import { type Binding, readBindings, readRetry, readTrigger, type Trigger } from './bindings';
import { integer, type Members, oneOf, record, string, strings } from './members';

/** What a function may require of the library that runs it. */
const KNOWN_REQUIREMENTS = ['trigger', 'inputs', 'outputs', 'retry', 'fresh'];

export interface FunctionDeclaration {
  name: string;
  export: string;
  trigger: Trigger;
  inputs: readonly Binding[];
  outputs: readonly Binding[];
  retry?: RetryOptions;
  /** The members of the request head, such as `method` or `header:accept`. */
  head: readonly string[];
  /**
   * Where calls run: short calls on the event loop if that is possible, all calls on a worker thread, or each call on a
   * worker thread in a new instance.
   */
  run: 'auto' | 'pool' | 'fresh';
  /** The export that runs an example, before the first call. */
  warmUp?: string;
  timeoutMs: number;
  maxBodyBytes: number;
  maxMemoryBytes: number;
  env: readonly string[];
}

/** A function that requires what this library does not know. */
export interface RefusedFunction {
  name: string;
  /** Says why, with the file and the line. */
  refusal: string;
}

/**
 * Reads a line.
 *
 * @param where - the file and the line
 * @throws Error that names the file, the line and the member
 */
export function readDeclaration(text: string, where: string): FunctionDeclaration | RefusedFunction {
  const line = record(parse(text, where), where);
  const name = string(line, 'name', where);
  if (!/^[a-z][\w-]{0,126}$/i.test(name)) {
    throw new Error(
      `${where}: "${name}" is not a function name: it needs a letter, then letters, digits, - and _`,
    );
  }
  // The other members may have a form that this library does not know.
  const unknown = strings(line, 'requires', where).find((wanted) => !KNOWN_REQUIREMENTS.includes(wanted));
  if (unknown !== undefined) {
    const refusal = `${where}: the function "${name}" requires "${unknown}", which this library does not know: update bluecrab`;
    return { name, refusal };
  }
  return { name, ...readMembers(line, where) };
}

function readMembers(line: Members, where: string): Omit<FunctionDeclaration, 'name'> {
  const trigger = readTrigger(line, where);
  return {
    export: string(line, 'export', where),
    trigger,
    ...readBindings(line, trigger, where),
    ...(line.retry !== undefined && { retry: readRetry(line, trigger, where) }),
    head: strings(line, 'head', where),
    run: oneOf(line, 'run', where, ['auto', 'pool', 'fresh'], 'auto'),
    ...(line.warmUp !== undefined && { warmUp: string(line, 'warmUp', where) }),
    timeoutMs: checkedTimeout(line.timeoutMs ?? 30_000, `${where}: the member timeoutMs`),
    maxBodyBytes: integer(line, 'maxBodyBytes', where, { fallback: 100 << 20 }),
    maxMemoryBytes: integer(line, 'maxMemoryBytes', where, { fallback: 1 << 30 }),
    env: strings(line, 'env', where),
  };
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${where}: not JSON: ${errorMessage(error)}`);
  }
}
