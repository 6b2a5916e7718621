/**
 * Serves standard `wasi:http` components as Azure Functions, through the bindings that jco makes of them.
 *
 * @packageDocumentation
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  app,
  type HttpHandler,
  type HttpMethod,
  type HttpRequest,
  type HttpResponseInit,
  type InvocationContext,
} from '@azure/functions';
import { BodyBroken, BodyTooLarge, declaredLength, readBody } from './body';
import { takeBuffer } from './buffers';
import { CallFailed, call, DeadlineExceeded, Left, QueueFull, refuseWhenFull } from './componentPool';
import type { ComponentBlueprint } from './componentThread';
import { sendableCookies } from './cookies';
import { MAX_LOG_ENTRIES } from './log';
import { limitMemory } from './memoryLimit';
import { exchangeOf, watchMessages } from './message';
import { problem } from './problem';
import { recycleBytes, timeoutMs } from './settings';
import { sendable } from './wholeBody';

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
  watchMessages();
  const { name, maxBodyBytes = 100 << 20, maxMemoryBytes = 1 << 30, env = [] } = options;
  const blueprint = blueprintOf(resolve(bindings), maxMemoryBytes, env);
  const timeout = timeoutMs(name, options.timeoutMs ?? 30_000);
  return async (request, context) => {
    try {
      return await answer(blueprint, timeout, maxBodyBytes, request, context);
    } catch (error) {
      return refuse(error, name, maxBodyBytes, context);
    }
  };
}

const loaded = new Map<string, ComponentBlueprint>();

/** Functions that see the same of a component share its instances. */
function blueprintOf(file: string, maxMemoryBytes: number, env: readonly string[]): ComponentBlueprint {
  const id = JSON.stringify([file, maxMemoryBytes, env]);
  const known = loaded.get(id);
  if (known) return known;
  const modules = compileModules(dirname(file), maxMemoryBytes);
  const blueprint = { id, file, modules, env, recycleBytes: recycleBytes() };
  loaded.set(id, blueprint);
  return blueprint;
}

function compileModules(folder: string, maxMemoryBytes: number): Map<string, WebAssembly.Module> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.wasm'));
  return new Map(
    files.map((file) => {
      const bytes = limitMemory(readFileSync(join(folder, file)), maxMemoryBytes);
      return [file, new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)];
    }),
  );
}

const SET_BY_LIBRARY = new Set([
  'content-length',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

async function answer(
  blueprint: ComponentBlueprint,
  timeoutMs: number,
  maxBodyBytes: number,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const exchange = exchangeOf(context.invocationId);
  // A body that could not be worked on is not read first.
  refuseWhenFull();
  const chunks = await readBody(request, declaredLength(request), exchange?.source, maxBodyBytes);
  const body = takeBuffer(chunks.length);
  chunks.copyTo(body, 0);
  chunks.release();
  const { method, url } = request;
  const onGone = (callback: () => void) => exchange?.response.once('close', callback);
  const task = { blueprint, request: { method, url, headers: [...request.headers], body } };
  const { response, entries, failure } = await call(task, timeoutMs, onGone);
  for (const [level, message] of entries.slice(0, MAX_LOG_ENTRIES)) {
    context[level === 'error' ? 'error' : 'info'](message);
  }
  if (entries.length > MAX_LOG_ENTRIES) {
    context.warn(`more than ${MAX_LOG_ENTRIES} log entries: the rest is dropped`);
  }
  if (response === undefined) throw new CallFailed(failure);
  const { headers, cookies } = sendableCookies(response.headers, exchange?.response, context);
  const { status } = response;
  const kept = headers.filter(([name]) => !SET_BY_LIBRARY.has(name.toLowerCase()));
  const hasBody = response.body.length > 0 && ![204, 205, 304].includes(status);
  if (hasBody) kept.push(['content-length', String(response.body.length)]);
  return {
    status,
    headers: kept,
    ...(cookies.length > 0 && { cookies }),
    ...(hasBody && { body: exchange ? sendable(response.body, exchange.response) : response.body }),
  };
}

function refuse(
  error: unknown,
  name: string,
  maxBodyBytes: number,
  context: InvocationContext,
): HttpResponseInit {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof BodyTooLarge) {
    return problem(413, `the body is longer than the ${maxBodyBytes} bytes that this function takes`);
  }
  if (error instanceof BodyBroken) {
    context.warn(`function ${name} was not called: ${reason}`);
    return problem(400, 'the body could not be read to its end');
  }
  if (error instanceof QueueFull || error instanceof Left) {
    context.warn(`function ${name} was not called: ${reason}`);
    return problem(503, 'too many calls are waiting; try again later', { 'retry-after': '1' });
  }
  if (error instanceof DeadlineExceeded) {
    context.error(`function ${name} was ended: ${reason}`);
    return problem(504, 'the function took longer than it may');
  }
  context.error(`function ${name} failed in its component: ${reason}`);
  return problem(500, 'the function failed; its log says why');
}
