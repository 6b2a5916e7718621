// The handler of one function: it never throws, and it always answers.

import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { BodyBroken, BodyTooLarge, readBody } from './body';
import { splitCookies } from './cookies';
import { requestHead } from './head';
import { OutOfMemory } from './instance';
import type { Log } from './log';
import type { FunctionDeclaration } from './manifest';
import { exchangeOf, watchMessages } from './message';
import type { Module } from './module';
import { problem } from './problem';
import { sendable } from './wholeBody';

export function httpHandler(module: Module, declaration: FunctionDeclaration): HttpHandler {
  watchMessages();
  return async (request, context) => {
    try {
      return await answer(module, declaration, request, context);
    } catch (error) {
      return refuse(declaration, context, error);
    }
  };
}

async function answer(
  module: Module,
  declaration: FunctionDeclaration,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const exchange = exchangeOf(context.invocationId);
  const body = await readBody(request, exchange?.source, declaration.maxBodyBytes);
  const head = requestHead(request, declaration.head, declaration.trigger.route);
  const response = module.withInstance(logTo(context), (instance) =>
    instance.call(declaration.export, head, body),
  );
  const { headers, cookies } = splitCookies(response.headers);
  const hasBody = response.body.length > 0 && ![204, 205, 304].includes(response.status);
  return {
    status: response.status,
    headers: [...headers, ...(hasBody ? [['content-length', String(response.body.length)]] : [])] as [
      string,
      string,
    ][],
    ...(cookies.length > 0 && { cookies }),
    ...(hasBody && { body: exchange ? sendable(response.body, exchange.response) : response.body }),
  };
}

function refuse(
  declaration: FunctionDeclaration,
  context: InvocationContext,
  error: unknown,
): HttpResponseInit {
  if (error instanceof BodyTooLarge) {
    const detail = `the body is longer than the ${declaration.maxBodyBytes} bytes that this function takes`;
    return problem(413, detail);
  }
  if (error instanceof BodyBroken) {
    context.warn(`function ${declaration.name} was not called: ${error.message}`);
    return problem(400, error.message);
  }
  if (error instanceof OutOfMemory) {
    context.error(`function ${declaration.name}: ${error.message}`);
    return problem(413, 'the request needs more memory than the function may have');
  }
  const reason = error instanceof Error ? error.message : String(error);
  context.error(`function ${declaration.name} failed in WebAssembly: ${reason}`);
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

/** Entries of one invocation; what a guest logs beyond them is dropped and said so once. */
const MAX_LOG_ENTRIES = 1000;

function logTo(context: InvocationContext): Log {
  let entries = 0;
  return (level, message) => {
    entries++;
    if (entries <= MAX_LOG_ENTRIES) context[LOG_METHODS[level]](message);
    else if (entries === MAX_LOG_ENTRIES + 1)
      context.warn(`more than ${MAX_LOG_ENTRIES} log entries: the rest is dropped`);
  };
}
