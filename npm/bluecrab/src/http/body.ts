// The request body: its chunks as they arrive, up to the function's limit, never a string.

import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from '@azure/functions';
import type { Chunks } from './chunks';
import type { BodyTap } from './message';

/** The body did not come to its end. */
export class BodyBroken extends Error {}

/** How long the body is by its head; not a number if the head does not say. */
export function declaredLength(request: HttpRequest): number {
  return request.body === null ? 0 : Number(request.headers.get('content-length') ?? Number.NaN);
}

/**
 * Reads a request's body.
 *
 * @param source - the message that the request came with, if it is known
 * @param body - takes it
 */
export async function readBody(
  request: HttpRequest,
  source: BodyTap | undefined,
  body: Chunks,
): Promise<void> {
  if (request.body === null) return;
  if (source) await streamsHaveStarted();
  const reader: Reader = request.body.getReader();
  const taken = source?.take(reader) ?? { first: reader.read() };
  if ('first' in taken) {
    await readStream(reader, taken.first, body).finally(() => reader.releaseLock());
    return;
  }
  try {
    if (taken.message.complete) readBuffered(taken.message, body);
    else await readArriving(taken.message, body);
  } finally {
    taken.done(body.list);
  }
  body.areOwned = true;
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
  let refusal: unknown;
  for (let chunk = await first.catch(broken); !chunk.done; chunk = await reader.read().catch(broken)) {
    // After a refusal the stream is read to its end all the same: to cancel it would end the connection, and the answer
    // would not arrive.
    if (refusal !== undefined) continue;
    try {
      body.add(chunk.value);
    } catch (error) {
      refusal = error;
      body.release();
    }
  }
  if (refusal !== undefined) throw refusal;
}

/** Reads a message that has arrived as a whole. */
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
