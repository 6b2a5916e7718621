/**
 * Runs standard `wasi:http` components as Azure Functions, with the bindings that jco generates.
 *
 * @packageDocumentation
 */

import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { app, type HttpHandler, type HttpMethod } from '@azure/functions';
import type { ComponentTask, ComponentTemplate } from './component/call';
import { httpHandler } from './http/handler';
import { streamLongBodies } from './http/streaming';
import { withWholeResponses } from './http/wholeResponse';
import { minimumLevel } from './logLevel';
import { compile, limit, read } from './module/compile';
import { checkedTimeout, recycleBytes } from './settings';

const MAX_BODY_BYTES = 100 << 20;

/** How a component is registered. For a module, the manifest says this. */
export interface ComponentOptions {
  /** The function's name, unique in the app. */
  name: string;
  /** The route template, by default the name. `{*path}` matches every path. */
  route?: string;
  /** The HTTP methods, by default GET and POST. */
  methods?: HttpMethod[];
  /** The authorization level, by default `anonymous`. */
  authLevel?: 'anonymous' | 'function' | 'admin';
  /** The deadline of a call, by default 30,000. A longer call is stopped and answered with 504. */
  timeoutMs?: number;
  /** The longest body of a request, by default 100 MiB. A longer body is answered with 413. */
  maxBodyBytes?: number;
  /** The largest size of each of the component's memories, by default 1 GiB. */
  maxMemoryBytes?: number;
  /** The names of the environment variables that the component may read. By default it may read no variables. */
  env?: readonly string[];
}

/**
 * Registers a component with `@azure/functions`.
 *
 * Turns HTTP streaming on for the app if the component accepts bodies longer than 64 KiB.
 *
 * @param bindings - the JavaScript file that `jco transpile COMPONENT.wasm --instantiation sync` wrote, in one folder
 *   with
 *   its core modules. A relative path starts at the process's working directory.
 * @throws Error if a file cannot be read, or an option is wrong
 */
export function registerComponent(bindings: string, options: ComponentOptions): void {
  const { name, route, methods = ['GET', 'POST'], authLevel = 'anonymous' } = options;
  streamLongBodies(options.maxBodyBytes ?? MAX_BODY_BYTES);
  app.http(name, {
    methods,
    authLevel,
    ...(route !== undefined && { route }),
    handler: withWholeResponses(componentHandler(bindings, options)),
  });
}

function componentHandler(bindings: string, options: ComponentOptions): HttpHandler {
  const { name, timeoutMs = 30_000, maxMemoryBytes = 1 << 30, env = [] } = options;
  const template = templateOf(resolve(bindings), maxMemoryBytes, env);
  return httpHandler<Pick<ComponentTask, 'request' | 'logLevel'>>({
    name,
    timeoutMs: checkedTimeout(timeoutMs, `function ${name}: timeoutMs`),
    maxBodyBytes: options.maxBodyBytes ?? MAX_BODY_BYTES,
    runner: {
      task: (request, isTimed) => (body) => ({ kind: 'component', template, ...request, body, isTimed }),
    },
    request: ({ method, url, headers }, { functionName }) => ({
      request: { method, url, headers: [...headers] },
      logLevel: minimumLevel(functionName),
    }),
  });
}

/** The templates of this process: functions with equal options share one. */
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
  return new Map(files.map((file) => [file, compileModule(join(folder, file), maxMemoryBytes)]));
}

function compileModule(file: string, maxMemoryBytes: number): WebAssembly.Module {
  return compile(limit(read(file), maxMemoryBytes, file), file);
}
