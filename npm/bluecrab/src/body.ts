// The request body: its chunks as they arrive, up to the function's limit, never a string.

import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from '@azure/functions';
import type { Source } from './message';

/** The body is longer than the function takes. */
export class BodyTooLarge extends Error {}

/** The body did not come to its end. */
export class BodyBroken extends Error {}

/** How long the body is by its head; not a number where it does not say. */
export function declaredLength(request: HttpRequest): number {
  return Number(request.headers.get('content-length') ?? Number.NaN);
}

/**
 * Reads a request's body.
 *
 * @param source - the message that the request came with, where it is known
 */
export async function readBody(
  request: HttpRequest,
  source: Source | undefined,
  maxBytes: number,
): Promise<readonly Uint8Array[]> {
  if (declaredLength(request) > maxBytes) throw new BodyTooLarge();
  if (request.body === null) return [];
  const body = new Body(maxBytes);
  const reader: Reader = request.body.getReader();
  const taken = source?.take(reader) ?? { first: reader.read() };
  if ('first' in taken) {
    await readStream(reader, taken.first, body).finally(() => reader.releaseLock());
    return body.chunks;
  }
  try {
    if (taken.message.complete) readBuffered(taken.message, body);
    else await readArriving(taken.message, body);
  } finally {
    taken.done(body.chunks);
  }
  return body.chunks;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** What has come of a body. */
class Body {
  readonly chunks: Uint8Array[] = [];
  #room: number;

  constructor(maxBytes: number) {
    this.#room = maxBytes;
  }

  /** Adds a chunk; false where the body becomes too long by it. */
  add(chunk: Uint8Array): boolean {
    this.chunks.push(chunk);
    this.#room -= chunk.length;
    return this.#room >= 0;
  }
}

async function readStream(reader: Reader, first: ReturnType<Reader['read']>, body: Body): Promise<void> {
  for (let chunk = await first; !chunk.done; chunk = await reader.read()) {
    if (body.add(chunk.value)) continue;
    // To cancel would end the connection, and the answer would not arrive.
    while (!(await reader.read()).done);
    throw new BodyTooLarge();
  }
}

/** Reads a message that has arrived as a whole. */
function readBuffered(message: IncomingMessage, body: Body): void {
  for (let chunk = message.read(); chunk !== null; chunk = message.read()) {
    if (!body.add(chunk)) throw new BodyTooLarge();
  }
}

function readArriving(message: IncomingMessage, body: Body): Promise<void> {
  return new Promise((resolve, reject) => {
    const add = (chunk: Uint8Array) => {
      if (body.add(chunk)) return;
      message.pause();
      end(new BodyTooLarge());
    };
    const end = (error?: Error) => {
      message.off('data', add).off('end', end).off('error', broken).off('close', broken);
      if (error) reject(error);
      else resolve();
    };
    const broken = () => end(new BodyBroken('the connection ended before the body did'));
    message.on('data', add).on('end', end).on('error', broken).on('close', broken);
  });
}
