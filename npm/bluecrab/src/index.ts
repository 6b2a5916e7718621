/**
 * Runs self-describing WebAssembly modules as Azure Functions, on the Node.js v4 programming model.
 *
 * @packageDocumentation
 */

import { app, type HttpHandler, type HttpRequest, type InvocationContext } from '@azure/functions';
import { ShortCalls } from './eventLoop/shortCalls';
import { httpHandler } from './http/handler';
import { headReader } from './http/requestHead';
import { streamLongBodies } from './http/streaming';
import { minimumLevel } from './logLevel';
import type { FunctionDeclaration } from './module/manifest';
import { Module } from './module/module';
import { prepareThreads } from './pool/pool';

/** Which functions of a module are registered. */
export interface RegisterOptions {
  /** The names of the functions to register, by default all. */
  only?: readonly string[];
}

/**
 * Registers the functions of a module with `@azure/functions`, as the module's manifest declares them.
 *
 * Turns HTTP streaming on for the app if one of the functions accepts bodies longer than 64 KiB.
 *
 * @param path - the module's file. A relative path starts at the process's working directory, which is the app's folder
 *   under a Functions host.
 * @throws Error if the file cannot be read, does not follow the module ABI, or declares a function wrongly
 */
export function registerModule(path: string | URL, options: RegisterOptions = {}): void {
  const module = Module.load(path);
  const names = options.only ?? [...module.functions.keys()];
  streamLongBodies(...names.map((name) => module.declaration(name).maxBodyBytes));
  for (const name of names) {
    const { methods, authLevel, route } = module.declaration(name).trigger;
    app.http(name, {
      methods,
      authLevel,
      ...(route !== undefined && { route }),
      handler: handlerOf(module, name),
    });
  }
}

/**
 * Returns a handler for one function of a module, for an app that registers the function itself:
 *
 *     app.http('rows', { route: 'rows/{id}', handler: handler('rows.wasm', 'rows') });
 *
 * @param path - the module's file, as for {@link registerModule}
 * @param name - the function's name in the module's manifest
 * @throws Error if the module cannot be loaded or has no such function
 */
export function handler(path: string | URL, name: string): HttpHandler {
  return handlerOf(Module.load(path), name);
}

function handlerOf(module: Module, name: string): HttpHandler {
  const { template, metered } = module;
  const declaration = module.declaration(name);
  const { export: exported, timeoutMs, maxBodyBytes } = declaration;
  const readHead = headReader(declaration.head);
  const headAndLevel = (request: HttpRequest, context: InvocationContext) => ({
    head: readHead(request, routeOf(declaration, context)),
    logLevel: minimumLevel(context.functionName),
  });
  prepareThreads({ ...declaration, template });
  const shortCalls = metered && declaration.run === 'auto' ? new ShortCalls(metered) : undefined;
  return httpHandler({
    name,
    timeoutMs,
    maxBodyBytes,
    task: (request, context, isTimed) => {
      const call = { export: exported, ...headAndLevel(request, context) };
      return (body) => ({ kind: 'module', template, ...call, body, isTimed });
    },
    ...(shortCalls && {
      inline: {
        expects: (declaredBytes) => shortCalls.expect(declaredBytes),
        run: (request, context, body, log, stopwatch) =>
          shortCalls.run({ export: exported, ...headAndLevel(request, context), body, stopwatch }, log),
        rehearsal: (request, context, body) =>
          shortCalls.rehearsal({ export: exported, ...headAndLevel(request, context), body }),
      },
    }),
  });
}

/** Returns the route template of a registered function. The app may have chosen another than the manifest's. */
function routeOf(
  { name, trigger }: FunctionDeclaration,
  { functionName, options }: InvocationContext,
): string {
  const registered = options.trigger as { type: string; route?: string };
  // The app's tests may call a handler that is not registered.
  if (registered.type !== trigger.type) return trigger.route ?? name;
  return registered.route ?? functionName;
}
