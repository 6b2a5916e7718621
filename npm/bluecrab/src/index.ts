/**
 * Runs self-describing WebAssembly modules as Azure Functions, on the Node.js v4 programming model.
 *
 * @packageDocumentation
 */

import { app, type FunctionHandler, type HttpHandler } from '@azure/functions';
import { moduleHttpHandler } from './http/moduleHandler';
import { streamLongBodies } from './http/streaming';
import { withWholeResponses } from './http/wholeResponse';
import { CALLABLE, isHttp } from './module/bindings';
import type { FunctionDeclaration } from './module/declaration';
import { Module } from './module/module';
import { moduleTriggerHandler } from './trigger/handler';
import { bindingsOf, registerTrigger } from './trigger/register';

export {
  type Callable,
  type CallBody,
  CallError,
  type CallOptions,
  type CallOutput,
  CallResult,
  callable,
  type Level,
  type ModuleFunctions,
  type TypedCallable,
  type TypedResult,
} from './callable';
export { type ProgramBinding, type ProgramOptions, registerProgram } from './program';

/** Which functions of a module are registered. */
export interface RegisterOptions {
  /** The names of the functions to register, by default all. */
  only?: readonly string[];
}

/**
 * Registers the functions of a module with `@azure/functions`, as the module's manifest declares them.
 *
 * Turns HTTP streaming on for the app if one of the functions accepts HTTP bodies longer than 64 KiB. A function that
 * requires a newer version of this library is not registered, and standard error says so; if `only` names the function,
 * this throws.
 *
 * @param path - the module's file. A relative path starts at the process's working directory, which is the app's folder
 *   under a Functions host.
 * @throws Error if the file cannot be read, does not follow the module ABI, or declares a function wrongly
 */
export function registerModule(path: string | URL, options: RegisterOptions = {}): void {
  const module = Module.load(path);
  if (options.only === undefined) {
    for (const refusal of module.refusals.values()) console.error(`a function is not registered: ${refusal}`);
  }
  const names = options.only ?? [...module.functions.keys()];
  const declarations = names.map((name) => module.declaration(name));
  const overHttp = declarations.filter(({ trigger }) => isHttp(trigger));
  streamLongBodies(...overHttp.map(({ maxBodyBytes }) => maxBodyBytes));
  for (const declaration of declarations) register(module, declaration);
}

/**
 * Returns a handler for one function of a module, for an app that registers the function itself:
 *
 *     app.http('rows', { route: 'rows/{id}', handler: handler('rows.wasm', 'rows') });
 *
 * The app registers the trigger, the inputs and the outputs with the names of the module's manifest. To call a function
 * from JavaScript, use {@link callable}.
 *
 * @param path - the module's file, as for {@link registerModule}
 * @param name - the function's name in the module's manifest
 * @throws Error if the module cannot be loaded or has no such function
 */
export function handler(path: string | URL, name: string): HttpHandler & FunctionHandler {
  const module = Module.load(path);
  const declaration = module.declaration(name);
  const { trigger } = declaration;
  return isHttp(trigger)
    ? moduleHttpHandler(module, declaration, trigger)
    : moduleTriggerHandler(module, declaration);
}

function register(module: Module, declaration: FunctionDeclaration): void {
  const { name, trigger } = declaration;
  // The platform need not know a function that only JavaScript calls.
  if (trigger.type === CALLABLE) return;
  if (!isHttp(trigger)) {
    registerTrigger(declaration, trigger, moduleTriggerHandler(module, declaration));
    return;
  }
  const { methods, authLevel, route } = trigger;
  app.http(name, {
    methods,
    authLevel,
    ...(route !== undefined && { route }),
    ...bindingsOf(declaration),
    handler: withWholeResponses(moduleHttpHandler(module, declaration, trigger)),
  });
}
