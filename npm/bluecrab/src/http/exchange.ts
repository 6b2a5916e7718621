// The HTTP exchanges of the proxy path: the host forwards a request over HTTP, and an invocation over gRPC names it.

import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyTap } from './directBody';

/** The channel on which Node.js announces each HTTP request. */
const ARRIVED = 'http.server.request.start';
/** The header field with which the host names the invocation. */
export const INVOCATION_ID = 'x-ms-invocation-id';

const exchanges = new Map<string, Exchange>();
let watching = false;

/** Records the requests that arrive from now on. */
export function watchExchanges(): void {
  if (watching) return;
  watching = true;
  subscribe(ARRIVED, record);
}

/** Whether something besides this library sees the requests that arrive. */
export function hasOtherWatchers(): boolean {
  if (watching) unsubscribe(ARRIVED, record);
  const { hasSubscribers } = channel(ARRIVED);
  if (watching) subscribe(ARRIVED, record);
  return hasSubscribers;
}

function record(arrival: unknown): void {
  const { request, response } = arrival as { request: IncomingMessage; response: ServerResponse };
  const id = request.headers[INVOCATION_ID];
  if (typeof id !== 'string') return;
  // `@azure/functions` ignores the body of a GET or HEAD request.
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  exchanges.set(id, new Exchange(hasBody ? new BodyTap(request) : undefined, response));
  response.once('close', () => {
    // If the host has sent the invocation again over another connection, the newer exchange stays.
    if (exchanges.get(id)?.response === response) exchanges.delete(id);
  });
}

/** A request's body and the response to the request. */
export class Exchange {
  readonly body: BodyTap | undefined;
  readonly response: ServerResponse;

  constructor(body: BodyTap | undefined, response: ServerResponse) {
    this.body = body;
    this.response = response;
  }

  /** Calls back once the response has been sent or the client has disconnected; at once if that has happened. */
  whenClosed(callback: () => void): void {
    if (this.response.closed) callback();
    else this.response.once('close', callback);
  }
}

/** Returns the open exchange of an invocation; nothing if the request came over gRPC. */
export function exchangeOf(invocationId: string): Exchange | undefined {
  // Without HTTP streaming there are no exchanges.
  return exchanges.size > 0 ? exchanges.get(invocationId) : undefined;
}
