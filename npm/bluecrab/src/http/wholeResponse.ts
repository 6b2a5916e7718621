// A response whose body is there as bytes.

import type { HttpHandler, HttpResponseInit } from '@azure/functions';
import * as functions from '@azure/functions';
import { WholeBody } from './wholeBody';

// An ES module that imports this CommonJS package finds the class in the default export only.
const { HttpResponse } = (functions as { default?: typeof functions }).default ?? functions;

/**
 * Lets the platform take short bodies as they are.
 *
 * `@azure/functions` makes a response of Node.js from what a handler returns, which copies the bytes into a web stream
 * and reads them back. That takes longer than many short calls, so the handler of a registered function returns the
 * response itself.
 */
export function withWholeResponses(handler: HttpHandler): HttpHandler {
  return async (request, context) => {
    const response = await handler(request, context);
    const { body } = response;
    return body instanceof Uint8Array
      ? new WholeResponse(response, body as Uint8Array<ArrayBuffer>)
      : response;
  };
}

class WholeResponse extends HttpResponse {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #stream: WholeBody | undefined;

  constructor({ status = 200, headers = [], cookies = [] }: HttpResponseInit, body: Uint8Array<ArrayBuffer>) {
    super({ status, headers, cookies });
    this.#bytes = body;
  }

  // The methods are properties in the types of `@azure/functions`, so TypeScript accepts no method in their place.
  static {
    const { prototype } = WholeResponse;
    Object.defineProperties(prototype, {
      body: {
        get(this: WholeResponse): ReadableStream {
          this.#stream ??= new WholeBody(this.#bytes);
          return this.#stream;
        },
      },
      arrayBuffer: {
        async value(this: WholeResponse): Promise<ArrayBuffer> {
          const { buffer, byteOffset, length } = this.#bytes;
          return length === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + length);
        },
      },
      clone: {
        value(this: WholeResponse): functions.HttpResponse {
          const { status, headers, cookies } = this;
          return new HttpResponse({ status, headers, cookies, body: this.#bytes });
        },
      },
    });
    // A hook of the app may read the body and send the response all the same, so these methods read a clone.
    for (const method of ['blob', 'formData', 'json', 'text'] as const) {
      Object.defineProperty(prototype, method, {
        value(this: WholeResponse) {
          return this.clone()[method]();
        },
      });
    }
  }
}
