// The handler of one function: it never throws, and it always answers.

import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { BodyBroken, BodyTooLarge, declaredLength, readBody } from './body';
import { keepFreedMemory } from './chunks';
import { sendableCookies } from './cookies';
import { type HeadReader, headReader } from './head';
import { type GuestResponse, OutOfMemory } from './instance';
import { call as callHere } from './instances';
import { type Log, MAX_LOG_ENTRIES } from './log';
import type { FunctionDeclaration } from './manifest';
import { type Exchange, exchangeOf, watchMessages } from './message';
import type { Module } from './module';
import { DeadlineExceeded, pool, startPool } from './pool';
import { problem } from './problem';
import { Left, QueueFull } from './queue';
import { Stopwatch, withServerTiming } from './serverTiming';
import { isServerTimingOn, timeoutMs } from './settings';
import { sendable } from './wholeBody';

export function httpHandler(module: Module, declaration: FunctionDeclaration): HttpHandler {
  watchMessages();
  keepFreedMemory();
  const settings = {
    timeoutMs: timeoutMs(declaration.name, declaration.timeoutMs),
    isTimed: isServerTimingOn(),
    readHead: headReader(declaration.head),
  };
  if (!declaration.inline) startPool();
  return async (request, context) => {
    try {
      return await answer(module, declaration, settings, request, context);
    } catch (error) {
      return refuse(declaration, context, error);
    }
  };
}

/** What does not change from call to call. */
interface Settings {
  timeoutMs: number;
  isTimed: boolean;
  readHead: HeadReader;
}

async function answer(
  { blueprint }: Module,
  declaration: FunctionDeclaration,
  { timeoutMs, isTimed, readHead }: Settings,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const exchange = exchangeOf(context.invocationId);
  const { inline, inlineUpToBytes, maxBodyBytes } = declaration;
  // A body that could not be worked on is not read first.
  const declared = declaredLength(request);
  if (!inline && !(declared <= inlineUpToBytes)) pool().refuseWhenFull();
  const stopwatch = isTimed ? new Stopwatch() : undefined;
  const body = await readBody(request, declared, exchange?.source, maxBodyBytes);
  stopwatch?.lap('body');
  const call = {
    export: declaration.export,
    head: readHead(request, routeOf(declaration, context)),
    body,
    stopwatch,
  };
  const log = logTo(context);
  const isInline = inline || (inlineUpToBytes > 0 && body.length <= inlineUpToBytes);
  const onGone = (callback: () => void) => exchange?.response.once('close', callback);
  const response = isInline
    ? callHere(blueprint, call, log)
    : await pool().call(blueprint, call, { log, timeoutMs, onGone });
  if (stopwatch) response.headers = withServerTiming(response.headers, stopwatch.times);
  return toHttp(response, exchange, context);
}

/** The route that a function is registered with: an app may choose another than its manifest does. */
function routeOf(
  { name, trigger }: FunctionDeclaration,
  { functionName, options }: InvocationContext,
): string {
  const registered = options.trigger as { type: string; route?: string };
  // A test of the app calls a handler without having registered it.
  if (registered.type !== trigger.type) return trigger.route ?? name;
  return registered.route ?? functionName;
}

function toHttp(
  response: GuestResponse,
  exchange: Exchange | undefined,
  context: InvocationContext,
): HttpResponseInit {
  const { status, body } = response;
  const { headers, cookies } = sendableCookies(response.headers, exchange?.response, context);
  const hasBody = body.length > 0 && ![204, 205, 304].includes(status);
  // A hook may change what is its own.
  const own = headers.map(([name, value]): [string, string] => [name, value]);
  if (hasBody) own.push(['content-length', String(body.length)]);
  return {
    status,
    headers: own,
    ...(cookies.length > 0 && { cookies }),
    ...(hasBody && { body: exchange ? sendable(body, exchange.response) : body }),
  };
}

function refuse(
  { name, maxBodyBytes }: FunctionDeclaration,
  context: InvocationContext,
  error: unknown,
): HttpResponseInit {
  if (error instanceof BodyTooLarge) {
    return problem(413, `the body is longer than the ${maxBodyBytes} bytes that this function takes`);
  }
  if (error instanceof QueueFull || error instanceof Left) {
    context.warn(`function ${name} was not called: ${error.message}`);
    return problem(503, 'too many calls are waiting; try again later', { 'retry-after': '1' });
  }
  if (error instanceof BodyBroken) {
    context.warn(`function ${name} was not called: ${error.message}`);
    return problem(400, 'the body could not be read to its end');
  }
  if (error instanceof OutOfMemory) {
    context.error(`function ${name}: ${error.message}`);
    return problem(413, 'the request needs more memory than the function may have');
  }
  if (error instanceof DeadlineExceeded) {
    context.error(`function ${name} was ended: ${error.message}`);
    return problem(504, 'the function took longer than it may');
  }
  const reason = error instanceof Error ? error.message : String(error);
  context.error(`function ${name} failed in WebAssembly: ${reason}`);
  return problem(500, 'the function failed; its log says why');
}

const LOG_METHODS = {
  trace: 'trace',
  debug: 'debug',
  information: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'error',
} as const;

function logTo(context: InvocationContext): Log {
  let entries = 0;
  return (level, message) => {
    entries++;
    if (entries <= MAX_LOG_ENTRIES) context[LOG_METHODS[level]](message);
    else if (entries === MAX_LOG_ENTRIES + 1)
      context.warn(`more than ${MAX_LOG_ENTRIES} log entries: the rest is dropped`);
  };
}
