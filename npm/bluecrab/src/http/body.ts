// Reads the body of a request, as bytes and up to the function's limit.

import type { HttpRequest } from '@azure/functions';
import { errorMessage } from '../errorMessage';
import { BodyBroken, type Chunks, LengthMissing } from './chunks';
import { type BodyTap, type StartedStream, startStream } from './directBody';

/** Returns the length that the request's head declares; NaN if it declares no length. */
export function declaredLength(request: HttpRequest): number {
  return request.body === null ? 0 : Number(request.headers.get('content-length') ?? Number.NaN);
}

/**
 * Reads a request's body into `body`.
 *
 * @param tap - reads the HTTP message of the request directly, if there is such a message
 * @throws BodyBroken, LengthMissing, or what `body.add` throws
 */
export async function readBody(request: HttpRequest, tap: BodyTap | undefined, body: Chunks): Promise<void> {
  if (request.body === null) {
    // Without HTTP streaming, a host sends no body without a declared length. The function must not take it for empty.
    if (tap === undefined && hasLostBody(request)) throw new LengthMissing();
    return;
  }
  const stream = tap ? await tap.read(request.body, body) : startStream(request.body);
  if (stream) await readStream(stream, body).finally(() => stream.reader.releaseLock());
}

function hasLostBody({ method, headers }: HttpRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && headers.has('transfer-encoding');
}

async function readStream({ reader, first }: StartedStream, body: Chunks): Promise<void> {
  const broken = (error: unknown) => {
    throw new BodyBroken(errorMessage(error));
  };
  let refusal: unknown;
  for (let chunk = await first.catch(broken); !chunk.done; chunk = await reader.read().catch(broken)) {
    // After a refusal the rest is read and dropped. If the stream were cancelled, the connection would end before the
    // response is sent.
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
