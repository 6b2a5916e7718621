/**
 * Runs standard `wasi:http` components as Azure Functions.
 *
 * @packageDocumentation
 */

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { app, type HttpHandler, type HttpMethod } from '@azure/functions';
import { bindingsOf } from './component/bindings';
import type { ComponentTask, ComponentTemplate, CoreModule } from './component/call';
import { httpHandler } from './http/handler';
import { streamLongBodies } from './http/streaming';
import { withWholeResponses } from './http/wholeResponse';
import { minimumLevel } from './logLevel';
import { compile, limit, read } from './module/compile';
import { hasMemory } from './module/limits';
import { prepareThreads, type WarmUp } from './pool/pool';
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
  /**
   * Which instance answers a call: `kept` for an instance that each thread keeps for its next calls (the default), or
   * `call` for a new instance for each call. A component that answers only one call, such as JavaScript with
   * `addEventListener('fetch')`, needs `call`.
   */
  instance?: 'call' | 'kept';
  /** The deadline of a call, by default 30,000. A longer call is stopped and answered with 504. */
  timeoutMs?: number;
  /** The longest body of a request, by default 100 MiB. A longer body is answered with 413. */
  maxBodyBytes?: number;
  /** The largest size of each of the component's memories, and of its response, by default 1 GiB. Most have one. */
  maxMemoryBytes?: number;
  /** The names of the environment variables that the component may read. By default it may read no variables. */
  env?: readonly string[];
}

/**
 * Registers a component with `@azure/functions`.
 *
 * Turns HTTP streaming on for the app if the component accepts bodies longer than 64 KiB.
 *
 * @param file - the component, for which `bluecrab build` has made bindings, or the JavaScript file that `jco transpile
 *   COMPONENT.wasm --instantiation sync` wrote. A relative path starts at the process's working directory.
 * @throws Error if a file cannot be read, the bindings are missing or old, or an option is wrong
 */
export function registerComponent(file: string, options: ComponentOptions): void {
  const { name, route, methods = ['GET', 'POST'], authLevel = 'anonymous' } = options;
  streamLongBodies(options.maxBodyBytes ?? MAX_BODY_BYTES);
  app.http(name, {
    methods,
    authLevel,
    ...(route !== undefined && { route }),
    handler: withWholeResponses(componentHandler(file, options)),
  });
}

function componentHandler(file: string, options: ComponentOptions): HttpHandler {
  const { name } = options;
  const template = templateOf(file, options);
  const timeoutMs = checkedTimeout(options.timeoutMs ?? 30_000, `function ${name}: timeoutMs`);
  const warmUp: WarmUp = { name, task: { kind: 'warm-up', guest: { component: template } }, timeoutMs };
  prepareThreads(warmUp);
  return httpHandler<Pick<ComponentTask, 'request' | 'logLevel'>>({
    name,
    timeoutMs,
    maxBodyBytes: options.maxBodyBytes ?? MAX_BODY_BYTES,
    runner: {
      task: (request, isTimed) => (body) => ({ kind: 'component', template, ...request, body, isTimed }),
      next: template.isKept ? undefined : warmUp,
    },
    request: ({ method, url, headers }, { functionName }) => ({
      request: { method, url, headers: [...headers] },
      logLevel: minimumLevel(functionName),
    }),
  });
}

/** The templates of this process. Functions with equal options share a template. */
const loaded = new Map<string, ComponentTemplate>();

function templateOf(
  component: string,
  { name, instance = 'kept', maxMemoryBytes = 1 << 30, env = [] }: ComponentOptions,
): ComponentTemplate {
  if (instance !== 'kept' && instance !== 'call')
    throw new Error(`function ${name}: instance must be 'call' or 'kept'`);
  const file = bindingsOf(component);
  const id = JSON.stringify([file, instance, maxMemoryBytes, env]);
  const known = loaded.get(id);
  if (known) return known;
  const cores = compileCores(dirname(file), maxMemoryBytes);
  const isKept = instance === 'kept';
  const template = { id, file, cores, isKept, env, maxMemoryBytes, recycleBytes: recycleBytes() };
  loaded.set(id, template);
  return template;
}

function compileCores(folder: string, maxMemoryBytes: number): Map<string, CoreModule> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.wasm'));
  return new Map(files.map((file) => [file, compileCore(join(folder, file), maxMemoryBytes)]));
}

function compileCore(file: string, maxMemoryBytes: number): CoreModule {
  const bytes = limit(read(file), maxMemoryBytes, file);
  return { compiled: compile(bytes, file), hasMemory: hasMemory(bytes) };
}
