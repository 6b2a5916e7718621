// The HTTP message behind a request of the proxy path, read without the web stream that lies over it.
//
// `@azure/functions` wraps the message that it received into a web stream, whose every chunk costs a copy and several
// promises. Node.js tells of each message through a diagnostics channel. From here a message gets an iterator which
// shows whether a stream reads this very message, and whether anybody else reads it too: a request may be a clone, or
// one that a hook has put in its place. Where it does not show, the stream is read as it is.

import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

const ARRIVED = 'http.server.request.start';
const INVOCATION_ID = 'x-ms-invocation-id';

type Chunk = IteratorResult<Uint8Array, undefined>;
type Chunks = AsyncIterableIterator<Uint8Array, undefined>;

const exchanges = new Map<string, Exchange>();
let watching = false;

/** Takes note of the messages that arrive from now on. */
export function watchMessages(): void {
  if (watching) return;
  watching = true;
  subscribe(ARRIVED, (arrival) => {
    const { request, response } = arrival as { request: IncomingMessage; response: ServerResponse };
    const id = request.headers[INVOCATION_ID];
    if (typeof id !== 'string') return;
    // The library gives these no body.
    const hasNone = request.method === 'GET' || request.method === 'HEAD';
    exchanges.set(id, new Exchange(hasNone ? undefined : new BodyTap(request), response));
    response.once('close', () => {
      // The request may have come again meanwhile, over another connection.
      if (exchanges.get(id)?.response === response) exchanges.delete(id);
    });
  });
}

/** A message and the answer to it. */
export class Exchange {
  readonly source: BodyTap | undefined;
  readonly response: ServerResponse;

  constructor(source: BodyTap | undefined, response: ServerResponse) {
    this.source = source;
    this.response = response;
  }

  /** Calls back when the answer has been sent or the client has gone; at once if that has happened. */
  whenClosed(callback: () => void): void {
    if (this.response.closed) callback();
    else this.response.once('close', callback);
  }
}

/** The exchange of an invocation that came over the proxy path and is not answered yet. */
export function exchangeOf(invocationId: string): Exchange | undefined {
  return exchanges.get(invocationId);
}

/** A message to be read directly; or the first chunk of a stream that has to be read itself. */
export type BodyRead =
  | {
      message: IncomingMessage;
      /** To be called with what was read, however the reading ended. */
      done(chunks: readonly Uint8Array[]): void;
    }
  | { first: Promise<Chunk> };

const ENDED = { done: true, value: undefined } as const;

/** A message, and the iterator that a stream reads it with. */
export class BodyTap implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #message: IncomingMessage;
  readonly #iterate: () => Chunks;
  /** The message's own iterator, once somebody has read with it. */
  #chunks: Chunks | undefined;
  /** Set while a read of a stream shows whether it comes here. */
  #probe: { reached: boolean; cancelled: boolean } | undefined;
  /** Answers the read that came here. */
  #answer: ((chunk: Chunk | Promise<Chunk>) => void) | undefined;

  constructor(message: IncomingMessage) {
    this.#message = message;
    this.#iterate = message[Symbol.asyncIterator] as () => Chunks;
    message[Symbol.asyncIterator] = () => this;
  }

  /** Takes the message from the stream that a reader is about to read, unless it reads something else. */
  take(reader: ReadableStreamDefaultReader<Uint8Array>): BodyRead {
    const probe = { reached: false, cancelled: false };
    this.#probe = probe;
    const first = reader.read() as Promise<Chunk>;
    // The stream ends; only where it is a clone, whose source is read by others too, its source does not.
    if (probe.reached) reader.cancel().catch(() => undefined);
    this.#probe = undefined;
    if (!probe.reached) return { first };
    const message = this.#message;
    // What nobody reads is dropped, so that the connection serves on.
    const done = (chunks: readonly Uint8Array[]) =>
      probe.cancelled ? message.resume() : this.#handOver(chunks);
    return { message, done };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Chunk> {
    if (this.#probe === undefined || !this.#isUntouched()) return this.#original().next();
    this.#probe.reached = true;
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  return(): Promise<Chunk> {
    if (!this.#probe?.reached) return this.#original().return?.() ?? Promise.resolve(ENDED);
    this.#probe.cancelled = true;
    return Promise.resolve(ENDED);
  }

  /** Gives the others what was read; the rest they get from the message. */
  #handOver(chunks: readonly Uint8Array[]): void {
    const value = Buffer.concat(chunks);
    this.#answer?.(value.length > 0 ? { done: false, value } : this.#original().next());
  }

  #original(): Chunks {
    this.#chunks ??= this.#iterate.call(this.#message);
    return this.#chunks;
  }

  #isUntouched(): boolean {
    const { readableDidRead, destroyed, readableFlowing, readableEncoding } = this.#message;
    const isRead = this.#chunks !== undefined || readableDidRead || readableFlowing !== null;
    return !isRead && !destroyed && readableEncoding === null;
  }
}
