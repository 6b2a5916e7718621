// A response body that is there as a whole, for the proxy path.

import type { ServerResponse } from 'node:http';
import { isReusable, releaseBuffer } from '../buffers';

/** The body in the form that costs least to send: bytes, of which a copy is made, or a stream. */
export function sendable(
  bytes: Uint8Array<ArrayBuffer>,
  response: ServerResponse,
): Uint8Array<ArrayBuffer> | WholeBody {
  if (!isReusable(bytes)) return bytes;
  return new WholeBody(bytes, response);
}

/**
 * A stream of one chunk, like any other.
 *
 * `@azure/functions` makes a response of whatever a handler returns and sends `response.body.values()`. Bytes would be
 * copied on the way and travel through a web stream; a stream is taken as it is, and this one gives its bytes at once.
 */
class WholeBody extends ReadableStream<Uint8Array<ArrayBuffer>> {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #response: ServerResponse;
  /** Whether anybody may still have the bytes when they are sent. */
  #isKept = false;

  constructor(bytes: Uint8Array<ArrayBuffer>, response: ServerResponse) {
    super(
      {
        pull: (controller) => {
          this.#isKept = true;
          controller.enqueue(bytes);
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    this.#bytes = bytes;
    this.#response = response;
  }

  override values(
    ...options: Parameters<ReadableStream['values']>
  ): ReturnType<ReadableStream<Uint8Array<ArrayBuffer>>['values']> {
    return this.locked || this.#isKept ? super.values(...options) : this.#send();
  }

  async *#send(): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
    yield this.#bytes;
    // By now whoever sends them has begun to; anybody else reads them before.
    if (!this.#response.headersSent) this.#isKept = true;
    this.#response.once('finish', () => {
      if (!this.#isKept) releaseBuffer(this.#bytes);
    });
    return undefined;
  }
}
