// The request body: its chunks as they arrive, up to the function's limit, never a string.

import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from '@azure/functions';
import { Chunks } from './chunks';
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
 * @param declared - how long it is by the head
 * @param source - the message that the request came with, where it is known
 */
export async function readBody(
  request: HttpRequest,
  declared: number,
  source: Source | undefined,
  maxBytes: number,
): Promise<Chunks> {
  if (declared > maxBytes) throw new BodyTooLarge();
  const body = new Chunks(maxBytes);
  if (request.body === null) return body;
  if (source) await streamsHaveStarted();
  const reader: Reader = request.body.getReader();
  const taken = source?.take(reader) ?? { first: reader.read() };
  if ('first' in taken) {
    await readStream(reader, taken.first, body).finally(() => reader.releaseLock());
    return body;
  }
  try {
    if (taken.message.complete) readBuffered(taken.message, body);
    else await readArriving(taken.message, body);
  } finally {
    taken.done(body.list);
  }
  body.areOwned = true;
  return body;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** A stream asks its source for nothing in its first few microtasks. */
async function streamsHaveStarted(): Promise<void> {
  for (let microtask = 0; microtask < 4; microtask++) await undefined;
}

async function readStream(reader: Reader, first: ReturnType<Reader['read']>, body: Chunks): Promise<void> {
  const broken = (error: unknown) => {
    throw new BodyBroken(error instanceof Error ? error.message : String(error));
  };
  let isTooLarge = false;
  for (let chunk = await first.catch(broken); !chunk.done; chunk = await reader.read().catch(broken)) {
    // Read to its end all the same: to cancel would end the connection, and the answer would not arrive.
    isTooLarge ||= !body.add(chunk.value);
  }
  if (isTooLarge) throw new BodyTooLarge();
}

/** Reads a message that has arrived as a whole. */
function readBuffered(message: IncomingMessage, body: Chunks): void {
  for (let chunk = message.read(); chunk !== null; chunk = message.read()) {
    if (!body.add(chunk)) throw new BodyTooLarge();
  }
}

function readArriving(message: IncomingMessage, body: Chunks): Promise<void> {
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
