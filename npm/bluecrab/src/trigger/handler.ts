// The handler of a function that HTTP does not call. A call that fails throws, so that the platform retries it or moves
// its message to the poison queue.

import type { FunctionHandler, InvocationContext } from '@azure/functions';
import { failureOf, messageOf } from '../failure';
import { logTo } from '../invocationLog';
import { minimumLevel } from '../logLevel';
import { type Binding, hasType, RETURN, type Trigger } from '../module/bindings';
import type { FunctionDeclaration } from '../module/declaration';
import type { Module } from '../module/module';
import { type ModuleRequest, moduleRunner } from '../moduleRunner';
import { startPool } from '../pool/pool';
import { bodyOf } from '../responseBody';
import { type Runner, run } from '../run';
import { timeoutMs } from '../settings';
import { tracing } from '../spans';
import { headWriter } from './invocationHead';
import { setOutputs } from './outputs';
import { isBatch, itemsOf, type Layout, Payload, readInputs } from './payload';

/** The triggers whose platform takes the response's body, as text, without an output for it. */
const TEXT_TRIGGERS = ['mcptooltrigger', 'mcpresourcetrigger', 'mcpprompttrigger'];

/** Whether the result of a function is text for the platform, without an output for it. */
export function returnsText(trigger: Trigger): boolean {
  return hasType(trigger, ...TEXT_TRIGGERS);
}

/** A function of a module, or a program, as the handler needs it. `Request` is what its runner needs. */
export interface TriggeredFunction<Request> {
  name: string;
  trigger: Trigger;
  inputs: readonly Binding[];
  outputs: readonly Binding[];
  timeoutMs: number;
  maxBodyBytes: number;
  runner: Runner<Request>;
  /**
   * Returns what the runner needs.
   *
   * @param layout - where the items and the inputs are in the body
   */
  request(context: InvocationContext, layout: Layout): Request;
}

/** @throws Error if an app setting is wrong */
export function moduleTriggerHandler(module: Module, declaration: FunctionDeclaration): FunctionHandler {
  const { trigger, inputs } = declaration;
  const writeHead = headWriter(declaration.head, trigger);
  const isPlain = !isBatch(trigger) && inputs.length === 0;
  return triggerHandler<ModuleRequest>({
    ...declaration,
    runner: moduleRunner(module, declaration),
    request: (context, layout) => ({
      head: writeHead(context, isPlain ? {} : layout),
      logLevel: minimumLevel(context.functionName),
    }),
  });
}

/** @throws Error if an app setting is wrong */
export function triggerHandler<Request>(guest: TriggeredFunction<Request>): FunctionHandler {
  const { name, trigger, outputs, runner } = guest;
  const limit = timeoutMs(name, guest.timeoutMs);
  // Reads the level now, so that a wrong setting is reported when the app starts.
  minimumLevel(name);
  startPool();
  const trace = tracing(name, false);
  let warnsOfLoss = !returnsText(trigger) && !outputs.some((output) => output.name === RETURN);
  // A trigger without a payload passes the context only.
  return async (...args: unknown[]) => {
    const context = args.at(-1) as InvocationContext;
    const payload = payloadOf(guest, args.length > 1 ? args[0] : undefined, context);
    const request = guest.request(context, payload.layout);
    const response = await trace(context, undefined, (stopwatch) =>
      run(runner, {
        declaredBytes: payload.length,
        read: async () => ({ request, body: payload }),
        log: logTo(context),
        timeoutMs: limit,
        stopwatch,
        visitor: 'app',
      }),
    ).catch((error) => {
      throw new Error(failureOf(name, error).message, { cause: error });
    });
    if (response.status >= 400) throw new Error(messageOf(name, response));
    const returned = setOutputs(outputs, response, context);
    if (warnsOfLoss && response.status !== 204 && bodyOf(response).length > 0) {
      warnsOfLoss = false; // Once is enough.
      context.warn(`the return value of function ${name} goes nowhere, because no output takes it`);
    }
    return returnsText(trigger) ? textOf(name, bodyOf(response)) : returned;
  };
}

/** @throws Error if the trigger has brought more bytes than the function accepts */
function payloadOf(
  {
    name,
    trigger,
    inputs,
    maxBodyBytes,
  }: Pick<TriggeredFunction<never>, 'name' | 'trigger' | 'inputs' | 'maxBodyBytes'>,
  value: unknown,
  context: InvocationContext,
): Payload {
  const payload = new Payload();
  payload.addItems(itemsOf(trigger, value));
  if (payload.length > maxBodyBytes) {
    throw new Error(
      `function ${name} was not called: its trigger brought ${payload.length} bytes, more than the ${maxBodyBytes} that it accepts; raise max_body`,
    );
  }
  if (inputs.length > 0) payload.addInputs(readInputs(inputs, context));
  return payload;
}

function textOf(name: string, body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new Error(`function ${name} returned bytes that are not UTF-8, but its result is text`);
  }
}
