// Reads the body of a request, as bytes and up to the function's limit.

import type { HttpRequest } from '@azure/functions';
import { errorMessage } from '../errorMessage';
import { BodyBroken, BodyRead, type Chunks, LengthMissing } from './chunks';
import { type BodyTap, startStream } from './directBody';

/** Returns the length that the request's head declares; NaN if it declares no length. */
export function declaredLength({ body, headers }: HttpRequest): number {
  return body === null ? 0 : Number(headers.get('content-length') ?? Number.NaN);
}

/**
 * Reads a request's body into `body`.
 *
 * @param tap - reads the HTTP message of the request directly, if there is such a message
 * @throws BodyBroken, BodyRead, LengthMissing, or what `body.add` throws
 */
export async function readBody(request: HttpRequest, tap: BodyTap | undefined, body: Chunks): Promise<void> {
  const stream = request.body;
  if (stream === null) {
    // Without HTTP streaming, a host sends no body without a declared length. The function must not take it for empty.
    if (tap === undefined && hasLostBody(request)) throw new LengthMissing();
    return;
  }
  if (stream.locked) throw new BodyRead();
  // What is left of the body is not what the client sent.
  let refusal: unknown = request.bodyUsed ? new BodyRead() : undefined;
  const started = tap && refusal === undefined ? await tap.read(stream, body) : startStream(stream);
  if (started === undefined) return;
  try {
    for (let chunk = await started.first; !chunk.done; chunk = await started.reader.read()) {
      // After a refusal the rest is read and dropped. If the stream were cancelled, the connection would end before the
      // response is sent.
      refusal ??= refusalOf(body, chunk.value);
    }
  } catch (error) {
    throw new BodyBroken(errorMessage(error));
  }
  if (refusal !== undefined) throw refusal;
}

/** Adds a chunk to a body. Returns the error if the body refuses it. */
function refusalOf(body: Chunks, chunk: Uint8Array): unknown {
  try {
    body.add(chunk);
    return undefined;
  } catch (error) {
    body.release();
    return error;
  }
}

function hasLostBody({ method, headers }: HttpRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && headers.has('transfer-encoding');
}
