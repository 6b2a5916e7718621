// The response to a call that failed: an RFC 9457 problem, which reveals no internals. The log says more.

import { STATUS_CODES } from 'node:http';
import type { HttpResponseInit } from '@azure/functions';
import { errorMessage } from '../errorMessage';
import { failureOf } from '../failure';
import type { Log } from '../log';
import { CallAbandoned, QueueFull } from '../pool/queue';
import { BodiesFull } from './bodyBudget';
import { BodyBroken, BodyRead, BodyTooLarge, LengthMissing } from './chunks';

const FAILED = 'the function failed; its log says why';

/** Logs why a call of the function `name` failed, and returns the response that says so. */
export function refusal(name: string, maxBodyBytes: number, log: Log, error: unknown): HttpResponseInit {
  const reason = errorMessage(error);
  if (error instanceof BodyTooLarge) {
    return problem(413, `the body is longer than the ${maxBodyBytes} bytes that this function accepts`);
  }
  if (error instanceof QueueFull || error instanceof CallAbandoned) {
    log('warning', `function ${name} was not called: ${reason}`);
    return problem(503, 'too many calls are waiting; try again later', { 'retry-after': '1' });
  }
  if (error instanceof BodiesFull) {
    log(
      'warning',
      `function ${name} was not called: ${reason}; raise the app setting BLUECRAB_BODY_BYTES to allow more`,
    );
    return problem(503, 'too many bodies are in progress; try again later', { 'retry-after': '1' });
  }
  if (error instanceof LengthMissing) {
    log(
      'warning',
      `function ${name} was not called: the app does not stream HTTP, so only bodies with a Content-Length arrive; the app setting BLUECRAB_HTTP_STREAM=1 lets all bodies arrive`,
    );
    return problem(411, 'the request must declare the length of its body in Content-Length');
  }
  if (error instanceof BodyBroken) {
    log('warning', `function ${name} was not called: ${reason}`);
    return problem(400, 'the body could not be read to its end');
  }
  if (error instanceof BodyRead) {
    log(
      'error',
      `function ${name} was not called: the app has read the request's body before; read the body of request.clone() instead`,
    );
    return problem(500, FAILED);
  }
  const { kind, message } = failureOf(name, error);
  log('error', message);
  if (kind === 'memory') return problem(413, 'the request needs more memory than the function may use');
  if (kind === 'deadline') return problem(504, 'the function did not finish before its deadline');
  return problem(500, FAILED);
}

function problem(status: number, detail: string, headers: Record<string, string> = {}): HttpResponseInit {
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ type: 'about:blank', title, status, detail }),
  };
}
