// The handler of one function. It never throws: every call ends with a response.

import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { GuestResponse } from '../guest';
import { type Log, logTo } from '../log';
import { minimumLevel } from '../logLevel';
import { pool, startPool } from '../pool/pool';
import type { Task } from '../pool/thread';
import { Stopwatch, withServerTiming } from '../serverTiming';
import { bodyBytes, isServerTimingOn, timeoutMs } from '../settings';
import { declaredLength, readBody } from './body';
import { BodyBudget } from './bodyBudget';
import { Chunks } from './chunks';
import { sendableCookies } from './cookies';
import { keepFreedMemory } from './detach';
import { type Exchange, exchangeOf, watchExchanges } from './exchange';
import { refusal } from './refusal';
import { rehearse } from './rehearsal';
import { sendable } from './wholeBody';

/** A function of a module or a component, as the handler needs it. */
export interface GuestFunction {
  name: string;
  timeoutMs: number;
  maxBodyBytes: number;
  /** Returns the task of a request, which a worker thread runs. */
  task(
    request: HttpRequest,
    context: InvocationContext,
    isTimed: boolean,
  ): (body: Uint8Array<ArrayBuffer>) => Task;
  /** Set if short calls run on the event loop. */
  inline?: {
    /** Whether a call whose body has this length is expected to be short. */
    expects(declaredBytes: number): boolean;
    /** Runs a call. Returns nothing if it must run on a thread. */
    run(
      request: HttpRequest,
      context: InvocationContext,
      body: Chunks,
      log: Log,
      stopwatch: Stopwatch | undefined,
    ): GuestResponse | undefined;
    /** Returns a rehearsal of a call on a thread, if it is time for one. It starts after the call. */
    rehearsal(request: HttpRequest, context: InvocationContext, body: Chunks): (() => void) | undefined;
  };
}

/** The settings of a function, which are read once. */
interface Settings {
  timeoutMs: number;
  maxBodyBytes: number;
  isTimed: boolean;
}

let budget: BodyBudget | undefined;

/** @throws Error if an app setting is wrong */
export function httpHandler(guest: GuestFunction): HttpHandler {
  watchExchanges();
  rehearse();
  keepFreedMemory();
  const maxBytes = bodyBytes();
  budget ??= new BodyBudget(maxBytes);
  const settings = {
    timeoutMs: timeoutMs(guest.name, guest.timeoutMs),
    maxBodyBytes: Math.min(guest.maxBodyBytes, budget.maxBytes),
    isTimed: isServerTimingOn(),
  };
  // Reads the level now, so that a wrong setting is reported when the app starts.
  minimumLevel(guest.name);
  startPool();
  const bodies = budget;
  return async (request, context) => {
    try {
      return await respond(guest, settings, bodies, request, context);
    } catch (error) {
      return refusal(guest.name, settings.maxBodyBytes, logTo(context), error);
    }
  };
}

async function respond(
  guest: GuestFunction,
  { timeoutMs, maxBodyBytes, isTimed }: Settings,
  bodies: BodyBudget,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const exchange = exchangeOf(context.invocationId);
  const declared = declaredLength(request);
  const stopwatch = isTimed ? new Stopwatch() : undefined;
  const log = logTo(context);
  const share = bodies.share();
  const read = async () => {
    const body = new Chunks(declared, maxBodyBytes, share);
    await readBody(request, exchange?.body, body);
    stopwatch?.lap('body');
    return body;
  };
  let rehearse: (() => void) | undefined;
  try {
    let body: Chunks | undefined;
    let response: GuestResponse | undefined;
    if (guest.inline?.expects(declared)) {
      body = await read();
      response = guest.inline.run(request, context, body, log, stopwatch);
    }
    response ??= await pool().call(
      async () => {
        if (body === undefined) {
          body = await read();
          rehearse = guest.inline?.rehearsal(request, context, body);
        }
        return { task: guest.task(request, context, isTimed), body, stopwatch, log, timeoutMs };
      },
      (callback) => exchange?.whenClosed(callback),
    );
    if (stopwatch) response.headers = withServerTiming(response.headers, stopwatch.times);
    if (exchange) holdUntilSent(response, bodies, exchange);
    return toHttp(response, exchange, context);
  } finally {
    share.release();
    // The response goes first.
    if (rehearse) setImmediate(rehearse);
  }
}

/** Counts the response's body until it is sent: a client that does not read its response keeps it in memory. */
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
  // A hook of the app may change its response's headers; the guest's list may serve for the next response.
  const copy = headers.map(([name, value]): [string, string] => [name, value]);
  if (hasBody) copy.push(['content-length', String(body.length)]);
  return {
    status,
    headers: copy,
    ...(cookies.length > 0 && { cookies }),
    ...(hasBody && { body: exchange ? sendable(body, exchange.response) : body }),
  };
}
