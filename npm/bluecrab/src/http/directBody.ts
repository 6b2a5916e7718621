// Reads a request's body from its HTTP message, not from the web stream that `@azure/functions` makes of the message:
// there each chunk costs a copy and several promises.
//
//     HTTP message ──> BodyTap.next() ──> web stream ──> request.body
//          │               ^                                 │
//          │               └─── 2. arrives here? ─── 1. one read to probe
//          │
//          └── 3. if so, all chunks, directly ──> Chunks
//
// The tap replaces the message's iterator, so it sees who reads the message. The probe may arrive elsewhere: a hook may
// have replaced the request, or another reader may have been first. Then the caller reads the stream. If a clone of the
// request waits for the same message, it receives a copy of the chunks after step 3.

import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from '@azure/functions';
import { BodyBroken, type Chunks } from './chunks';

type Read = IteratorResult<Uint8Array, undefined>;
type MessageIterator = AsyncIterableIterator<Uint8Array, undefined>;

type BodyStream = NonNullable<HttpRequest['body']>;

/** A stream, with its first read under way. */
export interface StartedStream {
  reader: ReadableStreamDefaultReader<Uint8Array>;
  first: ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>;
}

/** Begins to read a stream. */
export function startStream(stream: BodyStream): StartedStream {
  const reader: StartedStream['reader'] = stream.getReader();
  return { reader, first: reader.read() };
}

const ENDED = { done: true, value: undefined } as const;

/** Stands for the iterator of a message, with which the web stream reads it. */
export class BodyTap implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #message: IncomingMessage;
  readonly #iterate: () => MessageIterator;
  /** The message's own iterator, once somebody has read with it. */
  #iterator: MessageIterator | undefined;
  /** Set during a probe. */
  #probe: { hasArrived: boolean; isCancelled: boolean } | undefined;
  /** Ends the read of the probe. */
  #resolveProbe: ((read: Read | Promise<Read>) => void) | undefined;

  constructor(message: IncomingMessage) {
    this.#message = message;
    this.#iterate = message[Symbol.asyncIterator] as () => MessageIterator;
    message[Symbol.asyncIterator] = () => this;
  }

  /**
   * Reads the message into `body` if `stream` would read this message. Otherwise returns the stream, for the caller to
   * read.
   *
   * @throws BodyBroken, or what `body.add` throws
   */
  async read(stream: BodyStream, body: Chunks): Promise<StartedStream | undefined> {
    await streamsHaveStarted();
    const probe = { hasArrived: false, isCancelled: false };
    this.#probe = probe;
    let started: StartedStream;
    try {
      started = startStream(stream);
      // Cancelling the stream of a clone does not cancel the message, because the other clone still reads it.
      if (probe.hasArrived) started.reader.cancel().catch(() => undefined);
    } finally {
      this.#probe = undefined;
    }
    if (!probe.hasArrived) return started;
    const message = this.#message;
    try {
      if (message.complete) readBuffered(message, body);
      else await readArriving(message, body);
    } finally {
      // After a refusal the rest is dropped, so that the connection can carry the next request.
      if (probe.isCancelled) message.resume();
      else this.#handOver(body.list);
    }
    body.areOwned = true;
    return undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Read> {
    if (this.#probe === undefined || !this.#isUntouched()) return this.#original().next();
    this.#probe.hasArrived = true;
    return new Promise((resolve) => {
      this.#resolveProbe = resolve;
    });
  }

  return(): Promise<Read> {
    if (!this.#probe?.hasArrived) return this.#original().return?.() ?? Promise.resolve(ENDED);
    this.#probe.isCancelled = true;
    return Promise.resolve(ENDED);
  }

  /** Passes a copy of the chunks to the clone that waits for them; it reads the rest from the message. */
  #handOver(chunks: readonly Uint8Array[]): void {
    const value = Buffer.concat(chunks);
    this.#resolveProbe?.(value.length > 0 ? { done: false, value } : this.#original().next());
  }

  #original(): MessageIterator {
    this.#iterator ??= this.#iterate.call(this.#message);
    return this.#iterator;
  }

  /** Whether nobody has read from the message. */
  #isUntouched(): boolean {
    const { readableDidRead, destroyed, readableFlowing, readableEncoding } = this.#message;
    const isRead = this.#iterator !== undefined || readableDidRead || readableFlowing !== null;
    return !isRead && !destroyed && readableEncoding === null;
  }
}

/** Waits until new web streams pull from their source: they do so a few microtasks after they are made. */
async function streamsHaveStarted(): Promise<void> {
  for (let microtask = 0; microtask < 4; microtask++) await undefined;
}

/** Reads a message that has arrived in full. */
function readBuffered(message: IncomingMessage, body: Chunks): void {
  for (let chunk = message.read(); chunk !== null; chunk = message.read()) {
    body.add(chunk);
  }
}

function readArriving(message: IncomingMessage, body: Chunks): Promise<void> {
  return new Promise((resolve, reject) => {
    const add = (chunk: Uint8Array) => {
      try {
        body.add(chunk);
      } catch (error) {
        message.pause();
        stop();
        reject(error);
      }
    };
    const stop = () => message.off('data', add).off('end', end).off('error', broken).off('close', broken);
    const end = () => {
      stop();
      resolve();
    };
    const broken = () => {
      stop();
      reject(new BodyBroken('the connection ended before the body did'));
    };
    message.on('data', add).on('end', end).on('error', broken).on('close', broken);
  });
}
