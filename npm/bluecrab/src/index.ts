/**
 * Runs self-describing WebAssembly modules as Azure Functions, on the Node.js v4 programming model.
 *
 * @packageDocumentation
 */

import { app, type HttpHandler } from '@azure/functions';
import { httpHandler } from './httpHandler';
import type { FunctionDeclaration } from './manifest';
import { Module } from './module';

/** What of a module is registered. */
export interface RegisterOptions {
  /** The functions to register, by name; without it all. */
  only?: readonly string[];
}

/**
 * Registers the functions of a module with `@azure/functions`, as the module's manifest declares them.
 *
 * Turns HTTP streaming on for the app, so that bodies reach the worker as bytes.
 *
 * @param path - the module's file; relative paths are taken from the process's working directory, which under a
 *   Functions host is the app's folder
 * @throws Error where the file cannot be read, is no module of this ABI, or declares a function wrongly
 */
export function registerModule(path: string | URL, options: RegisterOptions = {}): void {
  const module = Module.load(path);
  const names = options.only ?? [...module.functions.keys()];
  app.setup({ enableHttpStream: true });
  for (const name of names) {
    const declaration = module.declaration(name);
    const { methods, authLevel, route } = declaration.trigger;
    app.http(name, {
      methods,
      authLevel,
      ...(route !== undefined && { route }),
      handler: httpHandler(module, declaration),
    });
  }
}

/**
 * A handler for one function of a module, for an app that registers it itself:
 * `app.http('rows', { route: 'rows/{id}', handler: handler('rows.wasm', 'rows') })`.
 *
 * @param path - the module's file, as for {@link registerModule}
 * @param name - the function's name in the module's manifest
 * @throws Error where the module cannot be loaded or has no such function
 */
export function handler(path: string | URL, name: string): HttpHandler {
  const module = Module.load(path);
  const declaration: FunctionDeclaration = module.declaration(name);
  return httpHandler(module, declaration);
}
