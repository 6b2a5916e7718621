// The trigger, the inputs, the outputs and the retry policy of a function, in the words of the v4 model. See
// docs/abi.md, section 4.

import type { HttpMethod, RetryOptions } from '@azure/functions';
import { integer, type Members, oneOf, record, string, strings } from './members';

const METHODS = ['GET', 'POST', 'DELETE', 'HEAD', 'PATCH', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT'];
const AUTH_LEVELS = ['anonymous', 'function', 'admin'] as const;

export interface HttpTrigger {
  type: 'httpTrigger';
  methods: HttpMethod[];
  authLevel: (typeof AUTH_LEVELS)[number];
  route?: string;
}

/** A trigger whose options go to the platform as they are. */
export interface OtherTrigger extends Members {
  type: string;
}

export type Trigger = HttpTrigger | OtherTrigger;

/** An input or output. Its options go to the platform as they are. */
export interface Binding extends Members {
  name: string;
  type: string;
}

/** The type of a trigger that only a JavaScript program fires, with `callable`. */
export const CALLABLE = 'callable';

/** The name of the output that gets the return value of a function. */
export const RETURN = '$return';

/** The platform's host accepts only these names (azure-functions-host, `FunctionDescriptorProvider.cs`). */
const NAME = /^[a-z][a-z0-9]{0,127}$/i;

export function isHttp(trigger: Trigger): trigger is HttpTrigger {
  return trigger.type === 'httpTrigger';
}

/** Whether a binding has one of these types, which are written in lower case. */
export function hasType({ type }: { type: string }, ...types: string[]): boolean {
  return types.includes(type.toLowerCase());
}

export function readTrigger(line: Members, where: string): Trigger {
  const members = record(line.trigger, `${where}, member trigger`);
  const type = string(members, 'type', where);
  if (hasType({ type }, 'httptrigger')) return httpTrigger(members, where);
  if (type === CALLABLE || /trigger$/i.test(type)) return { ...members, type };
  throw new Error(
    `${where}: the trigger type "${type}" is unknown: it must end in "Trigger", or be "${CALLABLE}"`,
  );
}

function httpTrigger(members: Members, where: string): HttpTrigger {
  const named = strings(members, 'methods', where).map((method) => method.toUpperCase());
  const wrong = named.find((method) => !METHODS.includes(method));
  if (wrong !== undefined) throw new Error(`${where}: "${wrong}" is not an HTTP method`);
  return {
    type: 'httpTrigger',
    methods: (named.length > 0 ? named : ['GET', 'POST']) as HttpMethod[],
    authLevel: oneOf(members, 'authLevel', where, AUTH_LEVELS, 'anonymous'),
    ...(members.route !== undefined && { route: string(members, 'route', where) }),
  };
}

/** Reads the inputs and outputs. Their names are unique in the function. */
export function readBindings(
  line: Members,
  trigger: Trigger,
  where: string,
): { inputs: Binding[]; outputs: Binding[] } {
  const names = new Set<string>();
  const read = (member: 'inputs' | 'outputs') => {
    const list = line[member] ?? [];
    if (!Array.isArray(list)) throw new Error(`${where}: the member ${member} must be a list of bindings`);
    return list.map((value, index) => {
      const place = `${where}, member ${member}[${index}]`;
      const options = record(value, place);
      const [type, name] = [string(options, 'type', place), string(options, 'name', place)];
      const isReturn = name === RETURN && member === 'outputs' && !isHttp(trigger);
      if (!NAME.test(name) && !isReturn) {
        throw new Error(
          `${place}: "${name}" is not a binding name: it needs a letter, then letters and digits, at most 128`,
        );
      }
      if (names.has(name)) throw new Error(`${place}: the function has another binding named "${name}"`);
      names.add(name);
      return { ...options, type, name };
    });
  };
  return { inputs: read('inputs'), outputs: read('outputs') };
}

export function readRetry(line: Members, trigger: Trigger, where: string): RetryOptions {
  const place = `${where}, member retry`;
  if (isHttp(trigger)) throw new Error(`${place}: the platform does not retry HTTP functions`);
  const members = record(line.retry, place);
  const strategy = oneOf(members, 'strategy', place, ['fixedDelay', 'exponentialBackoff']);
  const maxRetryCount = integer(members, 'maxRetryCount', place, { least: -1 });
  if (strategy === 'fixedDelay')
    return { strategy, maxRetryCount, delayInterval: integer(members, 'delayMs', place) };
  return {
    strategy,
    maxRetryCount,
    minimumInterval: integer(members, 'minimumMs', place),
    maximumInterval: integer(members, 'maximumMs', place),
  };
}
