// Spans for an app that uses OpenTelemetry: one for each call, and below it one for each stage. See docs/tracing.md.

// Bundles of ES modules often declare `createRequire` themselves, so this file must not.
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { InvocationContext } from '@azure/functions';
import type { Context, Span } from '@opentelemetry/api';
import { errorMessage } from './errorMessage';
import { messageOf } from './failure';
import type { GuestResponse } from './guest';
import { guestStages, STAGES, Stopwatch } from './serverTiming';

type Api = typeof import('@opentelemetry/api');
type Call = (stopwatch: Stopwatch | undefined) => Promise<GuestResponse>;

/**
 * Runs a call within a span.
 *
 * @param context - the invocation; nothing if JavaScript calls the function
 * @param stopwatch - measures the stages, if something else needs them as well
 * @param call - runs the call, and measures its stages if it gets a stopwatch
 */
export type Trace = (
  context: InvocationContext | undefined,
  stopwatch: Stopwatch | undefined,
  call: Call,
) => Promise<GuestResponse>;

/** Where every copy of the API finds the SDK that the app has registered. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');

/** The API, or `undefined` if the app does not have it. `null` before the first search. */
let found: Api | undefined | null = null;

/**
 * Returns the API if the app has it and has registered an SDK: loading it takes time, and without an SDK it does
 * nothing. The app's folder is the working directory of the process.
 */
function openTelemetry(): Api | undefined {
  if (found !== null) return found;
  if (!(REGISTRY in globalThis)) return undefined;
  try {
    found = nodeModule.createRequire(join(process.cwd(), 'package.json'))('@opentelemetry/api') as Api;
  } catch {
    found = undefined;
  }
  return found;
}

/**
 * Returns what runs the calls of a function within spans. Without OpenTelemetry it only runs them.
 *
 * @param name - the function
 * @param isHttp - whether its response goes to a client. For a client, a status from 500 on is the server's failure. For
 * everyone else, a status from 400 on means that the call has failed.
 */
export function tracing(name: string, isHttp: boolean): Trace {
  return (invocation, stopwatch, call) => {
    const api = openTelemetry();
    return api ? traced(api, name, isHttp, invocation, stopwatch, call) : call(stopwatch);
  };
}

async function traced(
  api: Api,
  name: string,
  isHttp: boolean,
  invocation: InvocationContext | undefined,
  given: Stopwatch | undefined,
  call: Call,
): Promise<GuestResponse> {
  const start = now();
  const attributes = {
    'bluecrab.function': name,
    ...(invocation && { 'faas.invocation_id': invocation.invocationId }),
  };
  const parent = parentOf(api, invocation);
  const tracer = api.trace.getTracer('bluecrab');
  const span = tracer.startSpan(`call ${name}`, { attributes, startTime: start }, parent);
  // In a trace that is not recorded, nothing is measured.
  if (!span.isRecording()) return call(given);
  const stopwatch = given ?? new Stopwatch();
  try {
    const response = await call(stopwatch);
    addStages(api, api.trace.setSpan(parent, span), start, stopwatch, response);
    if (response.status >= (isHttp ? 500 : 400)) {
      const message = isHttp ? {} : { message: messageOf(name, response) };
      span.setStatus({ code: api.SpanStatusCode.ERROR, ...message });
    }
    return response;
  } catch (error) {
    fail(api, span, error);
    throw error;
  } finally {
    span.end(now());
  }
}

/** Returns the context of the span that is active, or else of the span that the host has sent. */
function parentOf({ context, propagation, trace }: Api, invocation: InvocationContext | undefined): Context {
  const active = context.active();
  const sent = invocation?.traceContext;
  if (trace.getSpan(active) || !sent?.traceParent) return active;
  const { traceParent: traceparent, traceState: tracestate } = sent;
  return propagation.extract(active, { traceparent, ...(tracestate && { tracestate }) });
}

/**
 * Adds a span for each stage, one after the other. Their lengths are measured. The stages `queue` and `copy-in` are
 * measured on both threads, and stand here as if each were in one piece.
 */
function addStages(
  { trace }: Api,
  call: Context,
  start: number,
  { times }: Stopwatch,
  response: GuestResponse,
): void {
  const tracer = trace.getTracer('bluecrab');
  let at = start;
  for (const stage of STAGES) {
    const duration = Math.max(times[stage], 0);
    if (duration === 0) continue;
    const span = tracer.startSpan(stage, { startTime: at }, call);
    if (stage === 'compute') {
      let inside = at;
      for (const [name, own] of guestStages(response.headers)) {
        tracer.startSpan(name, { startTime: inside }, trace.setSpan(call, span)).end(inside + own);
        inside += own;
      }
    }
    at += duration;
    span.end(at);
  }
}

function fail({ SpanStatusCode }: Api, span: Span, error: unknown): void {
  const message = errorMessage(error);
  span.recordException({ name: error instanceof Error ? error.constructor.name : 'Error', message });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** The time in milliseconds since 1970, more exact than `Date.now()`. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
