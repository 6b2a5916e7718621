// A response body that is there as a whole, for the proxy path.

import type { ServerResponse } from 'node:http';
import { giveBack, isReusable } from './buffers';

/** The body in the form that costs least to send: bytes, of which a copy is made, or a stream. */
export function sendable(
  bytes: Uint8Array<ArrayBuffer>,
  response: ServerResponse,
): Uint8Array<ArrayBuffer> | WholeBody {
  if (!isReusable(bytes)) return bytes;
  const body = new WholeBody(bytes);
  response.once('finish', () => {
    if (body.isReadOnce) giveBack(bytes);
  });
  return body;
}

/**
 * A stream of one chunk, like any other.
 *
 * `@azure/functions` makes a response of whatever a handler returns and sends `response.body.values()`. Bytes would be
 * copied on the way and travel through a web stream; a stream is taken as it is, and this one gives its bytes at once.
 */
class WholeBody extends ReadableStream<Uint8Array<ArrayBuffer>> {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #readings = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    super(
      {
        pull: (controller) => {
          this.#readings++;
          controller.enqueue(bytes);
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    this.#bytes = bytes;
  }

  /** Whether the bytes have been given to one reader only. */
  get isReadOnce(): boolean {
    return this.#readings === 1;
  }

  override values(
    ...options: Parameters<ReadableStream['values']>
  ): ReturnType<ReadableStream<Uint8Array<ArrayBuffer>>['values']> {
    if (this.locked || this.#readings > 0) return super.values(...options);
    this.#readings++;
    return once(this.#bytes);
  }
}

async function* once<T>(value: T): AsyncGenerator<T, undefined> {
  yield value;
  return undefined;
}
