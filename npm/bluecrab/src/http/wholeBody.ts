// A response body whose bytes are all there, for the proxy path.

import type { ServerResponse } from 'node:http';
import { isReusable, releaseBuffer } from '../buffers';

/** Returns the body in the form that is cheapest to send: a short one as bytes, which are copied, a long one as a stream. */
export function sendable(
  bytes: Uint8Array<ArrayBuffer>,
  response: ServerResponse,
): Uint8Array<ArrayBuffer> | WholeBody {
  if (!isReusable(bytes)) return bytes;
  return new WholeBody(bytes, response);
}

/**
 * A stream of one chunk.
 *
 * `@azure/functions` turns the return value of a handler into a response, and sends `response.body.values()`. It would
 * copy bytes into a web stream, but it takes a stream as it is; `values` of this stream returns the bytes without a
 * copy.
 */
export class WholeBody extends ReadableStream<Uint8Array<ArrayBuffer>> {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #response: ServerResponse | undefined;
  /** Whether somebody else, such as a hook of the app, may keep the bytes after they are sent. */
  #isKept = false;

  /** @param response - if set, the bytes' memory is used again once the response is sent */
  constructor(bytes: Uint8Array<ArrayBuffer>, response?: ServerResponse) {
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
    if (this.locked || this.#isKept) return super.values(...options);
    // The bytes' memory serves other calls afterwards, so nobody may read this stream a second time.
    if (this.#response !== undefined) this.getReader();
    return this.#send();
  }

  async *#send(): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
    yield this.#bytes;
    if (this.#response === undefined) return undefined;
    // If `@azure/functions` reads the bytes, it has sent the head before. Any other reader may keep them.
    if (!this.#response.headersSent) this.#isKept = true;
    this.#response.once('finish', () => {
      if (!this.#isKept) releaseBuffer(this.#bytes);
    });
    return undefined;
  }
}
