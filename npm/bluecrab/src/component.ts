/**
 * Serves standard `wasi:http` components as Azure Functions, through the bindings that jco makes of them.
 *
 * @packageDocumentation
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { app, type HttpHandler, type HttpMethod } from '@azure/functions';
import type { ComponentTemplate } from './component/call';
import { httpHandler } from './http/handler';
import { minimumLevel } from './logLevel';
import { limitModule } from './module/limits';
import { isTimeout, LONGEST_TIMEOUT_MS, recycleBytes } from './settings';

/** How a component is registered; what a module says in its manifest. */
export interface ComponentOptions {
  /** The function's name, unique in the app. */
  name: string;
  /** Its route, the name by default; `{*path}` gives a component every path. */
  route?: string;
  /** GET and POST by default. */
  methods?: HttpMethod[];
  /** `anonymous` by default. */
  authLevel?: 'anonymous' | 'function' | 'admin';
  /** Past it a call is ended and answered 504; 30,000 by default. */
  timeoutMs?: number;
  /** A longer body is answered 413; 100 MiB by default. */
  maxBodyBytes?: number;
  /** The most that each memory of the component may grow to; 1 GiB by default. */
  maxMemoryBytes?: number;
  /** The environment variables that it sees; none by default. */
  env?: readonly string[];
}

/**
 * Registers a component with `@azure/functions`.
 *
 * @param bindings - the JavaScript file that `jco transpile COMPONENT.wasm --instantiation sync` wrote, with its core
 *   modules beside it; relative paths are taken from the process's working directory
 * @throws Error where the files cannot be read
 */
export function registerComponent(bindings: string, options: ComponentOptions): void {
  const { name, route, methods = ['GET', 'POST'], authLevel = 'anonymous' } = options;
  app.setup({ enableHttpStream: true });
  app.http(name, {
    methods,
    authLevel,
    ...(route !== undefined && { route }),
    handler: componentHandler(bindings, options),
  });
}

function componentHandler(bindings: string, options: ComponentOptions): HttpHandler {
  const { name, timeoutMs = 30_000, maxBodyBytes = 100 << 20, maxMemoryBytes = 1 << 30, env = [] } = options;
  if (!isTimeout(timeoutMs)) {
    throw new Error(`function ${name}: timeoutMs must be a whole number from 1 to ${LONGEST_TIMEOUT_MS}`);
  }
  const template = templateOf(resolve(bindings), maxMemoryBytes, env);
  return httpHandler({
    name,
    timeoutMs,
    maxBodyBytes,
    task: ({ method, url, headers }, { functionName }, isTimed) => {
      const request = { method, url, headers: [...headers] };
      const logLevel = minimumLevel(functionName);
      return (body) => ({ kind: 'component', template, request, body, logLevel, isTimed });
    },
  });
}

/** The templates of this process, by what they are made of. */
const loaded = new Map<string, ComponentTemplate>();

function templateOf(file: string, maxMemoryBytes: number, env: readonly string[]): ComponentTemplate {
  const id = JSON.stringify([file, maxMemoryBytes, env]);
  const known = loaded.get(id);
  if (known) return known;
  const modules = compileModules(dirname(file), maxMemoryBytes);
  const template = { id, file, modules, env, recycleBytes: recycleBytes() };
  loaded.set(id, template);
  return template;
}

function compileModules(folder: string, maxMemoryBytes: number): Map<string, WebAssembly.Module> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.wasm'));
  return new Map(files.map((file) => [file, compile(join(folder, file), maxMemoryBytes)]));
}

function compile(file: string, maxMemoryBytes: number): WebAssembly.Module {
  try {
    const bytes = limitModule(readFileSync(file), maxMemoryBytes);
    return new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw new Error(`${file} is refused: ${error instanceof Error ? error.message : error}`);
  }
}
