// The handler of one function. It never throws: every call ends with a response.

import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { GuestResponse } from '../guest';
import { logTo } from '../invocationLog';
import type { Log } from '../log';
import { minimumLevel } from '../logLevel';
import type { Binding } from '../module/bindings';
import { startPool } from '../pool/pool';
import { bodyOf } from '../responseBody';
import { type Runner, run } from '../run';
import { Stopwatch, withServerTiming } from '../serverTiming';
import { bodyBytes, isServerTimingOn, timeoutMs } from '../settings';
import { type Trace, tracing } from '../spans';
import { setOutputs } from '../trigger/outputs';
import { type Input, type Layout, Payload, readInputs } from '../trigger/payload';
import { declaredLength, readBody } from './body';
import { BodyBudget, BodyShare } from './bodyBudget';
import { Chunks } from './chunks';
import { sendableCookies } from './cookies';
import { keepFreedMemory } from './detach';
import { type Exchange, exchangeOf, watchExchanges } from './exchange';
import { refusal } from './refusal';
import { cancelRehearsal, planRehearsal, rehearsedGuest } from './rehearsal';
import { sendable } from './wholeBody';
import { withWholeResponses } from './wholeResponse';

/** A function of a module or a component, as the handler needs it. `Request` is what its runner needs. */
export interface GuestFunction<Request> {
  name: string;
  timeoutMs: number;
  maxBodyBytes: number;
  runner: Runner<Request>;
  /**
   * Returns what the runner needs.
   *
   * @param layout - where the inputs are in the body, if the function has inputs
   */
  request(request: HttpRequest, context: InvocationContext, layout: Layout | undefined): Request;
  /** The inputs and outputs, if the function has any. */
  bindings?: { inputs: readonly Binding[]; outputs: readonly Binding[] } | undefined;
}

/** The settings of a function, which are read once. */
interface Settings {
  timeoutMs: number;
  maxBodyBytes: number;
  isTimed: boolean;
  trace: Trace;
}

let budget: BodyBudget | undefined;

/** @throws Error if an app setting is wrong */
export function httpHandler<Request>(guest: GuestFunction<Request>): HttpHandler {
  watchExchanges();
  keepFreedMemory();
  const maxBytes = bodyBytes();
  budget ??= new BodyBudget(maxBytes);
  const settings = {
    timeoutMs: timeoutMs(guest.name, guest.timeoutMs),
    maxBodyBytes: Math.min(guest.maxBodyBytes, budget.maxBytes),
    isTimed: isServerTimingOn(),
    trace: tracing(guest.name, true),
  };
  // Reads the level now, so that a wrong setting is reported when the app starts.
  minimumLevel(guest.name);
  startPool();
  const bodies = budget;
  planRehearsal(rehearsedHandler(bodies));
  return (request, context) => {
    cancelRehearsal();
    return respond(guest, settings, bodies, request, context).catch((error) =>
      refusal(guest.name, settings.maxBodyBytes, logTo(context), error),
    );
  };
}

/** Passes a request through the same steps as any other, but nothing records it. */
function rehearsedHandler(bodies: BodyBudget): HttpHandler {
  const settings: Settings = {
    ...rehearsedGuest,
    isTimed: false,
    trace: (_, stopwatch, call) => call(stopwatch),
  };
  return withWholeResponses((request, context) =>
    respond(rehearsedGuest, settings, bodies, request, context),
  );
}

async function respond<Request>(
  guest: GuestFunction<Request>,
  { timeoutMs, maxBodyBytes, isTimed, trace }: Settings,
  bodies: BodyBudget,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const exchange = exchangeOf(context.invocationId);
  const { bindings } = guest;
  const declared = declaredLength(request);
  const inputs = bindings?.inputs.length ? readInputs(bindings.inputs, context) : undefined;
  const inputBytes = inputs?.reduce((sum, { bytes }) => sum + bytes.length, 0) ?? 0;
  const timing = isTimed ? new Stopwatch() : undefined;
  const share = new BodyShare(bodies);
  const inputShare = new BodyShare(bodies);
  inputShare.hold(inputBytes);
  const log = logTo(context);
  try {
    const response = await trace(context, timing, (stopwatch) =>
      run(guest.runner, {
        declaredBytes: declared + inputBytes,
        read: async () => {
          const body = new Chunks(declared, maxBodyBytes, share);
          await readBody(request, exchange?.body, body);
          stopwatch?.lap('body');
          const payload = inputs && withInputs(body, inputs);
          return { request: guest.request(request, context, payload?.layout), body: payload ?? body };
        },
        log,
        timeoutMs,
        stopwatch,
        whenGone: (callback) => exchange?.whenClosed(callback),
        visitor: 'client',
      }),
    );
    if (timing) response.headers = withServerTiming(response.headers, timing.times);
    if (exchange) holdUntilSent(response, bodies, exchange);
    if (bindings) setOutputs(bindings.outputs, response, context);
    return toHttp(response, exchange, log);
  } finally {
    share.release();
    // The invocation keeps its inputs until it ends.
    inputShare.release();
  }
}

/** Puts the inputs after the request's body. */
function withInputs(body: Chunks, inputs: readonly Input[]): Payload {
  const payload = new Payload();
  payload.addItems([body]);
  payload.addInputs(inputs);
  return payload;
}

/** Counts the response's body until it is sent: a client that does not read its response keeps it in memory. */
function holdUntilSent({ body }: GuestResponse, bodies: BodyBudget, exchange: Exchange): void {
  const share = new BodyShare(bodies);
  share.hold(body.length);
  exchange.whenClosed(() => share.release());
}

/** The statuses of responses that have no body. */
const WITHOUT_BODY = [204, 205, 304];

function toHttp(response: GuestResponse, exchange: Exchange | undefined, log: Log): HttpResponseInit {
  const { status, parts } = response;
  const body = parts ? bodyOf(response) : response.body;
  const { headers, cookies } = sendableCookies(response.headers, exchange?.response, log);
  // A copy: a hook of the app may change the headers of this response, and the guest's list may serve for the next
  // response.
  const copy = headers.map(([name, value]): [string, string] => [name, value]);
  const init: HttpResponseInit = { status, headers: copy };
  if (cookies.length > 0) init.cookies = cookies;
  if (body.length === 0 || WITHOUT_BODY.includes(status)) return init;
  copy.push(['content-length', String(body.length)]);
  // The outputs lie in the same buffer, so it must not be used again once the body is sent.
  init.body = exchange && !parts ? sendable(body, exchange.response) : body;
  return init;
}
