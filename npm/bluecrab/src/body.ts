// The request body: its chunks as they arrive, up to the function's limit, never a string.

import type { HttpRequest } from '@azure/functions';

/** The body is longer than the function takes. */
export class BodyTooLarge extends Error {}

export async function readBody(request: HttpRequest, maxBytes: number): Promise<Uint8Array[]> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > maxBytes) throw new BodyTooLarge();
  const chunks: Uint8Array[] = [];
  if (request.body === null) return chunks;
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > maxBytes) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return chunks;
}
