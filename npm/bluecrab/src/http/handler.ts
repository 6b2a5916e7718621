// The handler of one function: it never throws, and it always answers.

import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { type Log, logTo } from '../log';
import { minimumLevel } from '../logLevel';
import { type GuestResponse, OutOfMemory } from '../module/instance';
import { pool, startPool } from '../pool/pool';
import { ClientDisconnected, QueueFull } from '../pool/queue';
import type { Task } from '../pool/thread';
import { DeadlineExceeded, ThreadNotStarted } from '../pool/workerThread';
import { Stopwatch, withServerTiming } from '../serverTiming';
import { bodyBytes, isServerTimingOn, timeoutMs } from '../settings';
import { BodyBroken, declaredLength, readBody } from './body';
import { BodiesFull, BodyBudget } from './bodyBudget';
import { BodyTooLarge, Chunks, keepFreedMemory } from './chunks';
import { sendableCookies } from './cookies';
import { type Exchange, exchangeOf, watchMessages } from './message';
import { problem } from './problem';
import { sendable } from './wholeBody';

/** A function to be served, of a module or of a component. */
export interface Served {
  name: string;
  timeoutMs: number;
  maxBodyBytes: number;
  /** What a worker thread is asked to do for a request. */
  task(
    request: HttpRequest,
    context: InvocationContext,
    isTimed: boolean,
  ): (body: Uint8Array<ArrayBuffer>) => Task;
  /** For what may run on the event loop. */
  inline?: {
    /** Bodies up to this length do. */
    upToBytes: number;
    call(
      request: HttpRequest,
      context: InvocationContext,
      body: Chunks,
      log: Log,
      stopwatch: Stopwatch | undefined,
    ): GuestResponse;
  };
}

/** What does not change from call to call. */
interface Settings {
  timeoutMs: number;
  maxBodyBytes: number;
  isTimed: boolean;
}

let budget: BodyBudget | undefined;

export function httpHandler(served: Served): HttpHandler {
  watchMessages();
  keepFreedMemory();
  const maxBytes = bodyBytes();
  budget ??= new BodyBudget(maxBytes);
  const settings = {
    timeoutMs: timeoutMs(served.name, served.timeoutMs),
    maxBodyBytes: Math.min(served.maxBodyBytes, budget.maxBytes),
    isTimed: isServerTimingOn(),
  };
  // A setting that is wrong shows when the app starts.
  minimumLevel(served.name);
  if (served.inline?.upToBytes !== Number.POSITIVE_INFINITY) startPool();
  const bodies = budget;
  return async (request, context) => {
    try {
      return await answer(served, settings, bodies, request, context);
    } catch (error) {
      return refuse(served.name, settings, context, error);
    }
  };
}

async function answer(
  served: Served,
  { timeoutMs, maxBodyBytes, isTimed }: Settings,
  bodies: BodyBudget,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const exchange = exchangeOf(context.invocationId);
  const declared = declaredLength(request);
  const inline = runsInline(served, declared) ? served.inline : undefined;
  const stopwatch = isTimed ? new Stopwatch() : undefined;
  const log = logTo(context);
  const share = bodies.share();
  const read = async () => {
    const body = new Chunks(declared, maxBodyBytes, share);
    await readBody(request, exchange?.source, body);
    stopwatch?.lap('body');
    return body;
  };
  try {
    const response = inline
      ? inline.call(request, context, await read(), log, stopwatch)
      : await pool().call(
          async () => ({
            task: served.task(request, context, isTimed),
            body: await read(),
            stopwatch,
            log,
            timeoutMs,
          }),
          (callback) => exchange?.whenClosed(callback),
        );
    if (stopwatch) response.headers = withServerTiming(response.headers, stopwatch.times);
    if (exchange) holdUntilSent(response, bodies, exchange);
    return toHttp(response, exchange, context);
  } finally {
    share.release();
  }
}

/** Chosen before the body is read: a body that does not declare its length may be a long one. */
function runsInline({ inline }: Served, declared: number): boolean {
  if (inline === undefined) return false;
  return inline.upToBytes === Number.POSITIVE_INFINITY || declared <= inline.upToBytes;
}

/** A client that does not read its response has it wait here: it counts, so that such clients have a bound too. */
function holdUntilSent({ body }: GuestResponse, bodies: BodyBudget, exchange: Exchange): void {
  const share = bodies.share();
  share.hold(body.length);
  exchange.whenClosed(share.release);
}

function toHttp(
  response: GuestResponse,
  exchange: Exchange | undefined,
  context: InvocationContext,
): HttpResponseInit {
  const { status, body } = response;
  const { headers, cookies } = sendableCookies(response.headers, exchange?.response, logTo(context));
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
  name: string,
  { maxBodyBytes }: Settings,
  context: InvocationContext,
  error: unknown,
): HttpResponseInit {
  const reason = error instanceof Error ? error.message : String(error);
  const log = logTo(context);
  if (error instanceof BodyTooLarge) {
    return problem(413, `the body is longer than the ${maxBodyBytes} bytes that this function takes`);
  }
  if (error instanceof QueueFull || error instanceof ClientDisconnected) {
    log('warning', `function ${name} was not called: ${reason}`);
    return problem(503, 'too many calls are waiting; try again later', { 'retry-after': '1' });
  }
  if (error instanceof BodiesFull) {
    log(
      'warning',
      `function ${name} was not called: ${reason}; the app setting BLUECRAB_BODY_BYTES allows more`,
    );
    return problem(503, 'too many bodies are under way; try again later', { 'retry-after': '1' });
  }
  if (error instanceof BodyBroken) {
    log('warning', `function ${name} was not called: ${reason}`);
    return problem(400, 'the body could not be read to its end');
  }
  if (error instanceof OutOfMemory) {
    log('error', `function ${name}: ${reason}`);
    return problem(413, 'the request needs more memory than the function may have');
  }
  if (error instanceof DeadlineExceeded) {
    log('error', `function ${name} was ended: ${reason}`);
    return problem(504, 'the function took longer than it may');
  }
  if (error instanceof ThreadNotStarted) log('error', `function ${name} was not called: ${reason}`);
  else log('error', `function ${name} failed in WebAssembly: ${reason}`);
  return problem(500, 'the function failed; its log says why');
}
