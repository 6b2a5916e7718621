// Registers a function that HTTP does not call, and the inputs and outputs of any function.

import {
  app,
  type FunctionHandler,
  type FunctionInput,
  type FunctionOutput,
  type FunctionTrigger,
  input,
  type McpToolFunctionOptions,
  output,
  trigger,
} from '@azure/functions';
import { type Binding, hasType, type OtherTrigger, RETURN } from '../module/bindings';
import type { FunctionDeclaration } from '../module/declaration';

/** The triggers and inputs whose bytes the platform passes on unchanged if it is asked to. */
const BINARY_TRIGGERS = ['queuetrigger', 'servicebustrigger', 'eventhubtrigger'];
const BINARY_INPUTS = ['blob'];

/** What a function is registered with, except for its handler. */
type Registration = Pick<FunctionDeclaration, 'name' | 'inputs' | 'outputs' | 'retry'>;

export function registerTrigger(
  registration: Registration,
  declared: OtherTrigger,
  handler: FunctionHandler,
): void {
  const { name, retry } = registration;
  app.generic(name, {
    trigger: triggerOf(name, declared),
    ...bindingsOf(registration),
    ...(retry && { retry }),
    handler,
  });
}

/** Returns the inputs and outputs of a function, for its registration. */
export function bindingsOf({ inputs, outputs }: Pick<Registration, 'inputs' | 'outputs'>): {
  extraInputs: FunctionInput[];
  extraOutputs: FunctionOutput[];
  return?: FunctionOutput;
} {
  const returned = outputs.find(({ name }) => name === RETURN);
  const others = outputs.filter(({ name }) => name !== RETURN);
  return {
    extraInputs: inputs.map((binding) => input.generic(asBinary(binding, BINARY_INPUTS))),
    extraOutputs: others.map((binding) => output.generic({ ...binding })),
    ...(returned && { return: output.generic({ ...returned }) }),
  };
}

/** `@azure/functions` converts the options of MCP triggers for the platform; others go there as they are. */
function triggerOf(name: string, options: OtherTrigger): FunctionTrigger {
  if (hasType(options, 'mcptooltrigger')) {
    const { type, ...tool } = options;
    // The cast is needed because the parameter's type has a handler, although `mcpTool` does not use it.
    const all = { toolName: name, description: '', toolProperties: [], ...tool };
    return trigger.mcpTool(all as unknown as McpToolFunctionOptions);
  }
  return trigger.generic(asBinary(options, BINARY_TRIGGERS));
}

/** Asks for exact bytes, unless the manifest asks for something else. */
function asBinary<T extends OtherTrigger | Binding>(binding: T, types: readonly string[]): T {
  return hasType(binding, ...types) ? { dataType: 'binary', ...binding } : { ...binding };
}
