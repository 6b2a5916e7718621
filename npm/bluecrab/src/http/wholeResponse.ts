// A response whose body is there as bytes.

import type { Cookie, HttpHandler, HttpResponseInit } from '@azure/functions';
import * as functions from '@azure/functions';
import { WholeBody } from './wholeBody';

// An ES module that imports this CommonJS package finds the class in the default export only.
export const { HttpResponse } = (functions as { default?: typeof functions }).default ?? functions;

/**
 * Lets the platform take short bodies as they are.
 *
 * `@azure/functions` makes a response of Node.js from what a handler returns, which copies the bytes into a web stream
 * and reads them back. That takes longer than many short calls, so the handler of a registered function returns the
 * response itself.
 */
export function withWholeResponses(handler: HttpHandler): HttpHandler {
  return (request, context) => Promise.resolve(handler(request, context)).then(wholeResponse);
}

function wholeResponse(response: HttpResponseInit): HttpResponseInit {
  const { body } = response;
  return body instanceof Uint8Array ? new WholeResponse(response, body as Uint8Array<ArrayBuffer>) : response;
}

/**
 * A response that makes no response of Node.js, as the constructor of `HttpResponse` does. That takes longer than many
 * short calls, so this class does not call the constructor, and has all members itself.
 */
class WholeResponse {
  readonly cookies: Cookie[];
  readonly enableContentNegotiation = false;
  readonly #status: number;
  readonly #headers: Headers;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #stream: WholeBody | undefined;

  static {
    const whole = WholeResponse.prototype;
    const { prototype } = HttpResponse;
    Object.setPrototypeOf(whole, prototype);
    // A hook of the app may read the body and send the response all the same, so `json` and so on read a clone.
    for (const name of Object.getOwnPropertyNames(prototype) as (keyof functions.HttpResponse)[]) {
      if (Object.hasOwn(whole, name)) continue;
      Object.defineProperty(whole, name, {
        get(this: WholeResponse) {
          const clone = this.clone();
          const member: unknown = clone[name];
          return typeof member === 'function' ? member.bind(clone) : member;
        },
      });
    }
  }

  constructor(
    { status = 200, headers = [], cookies = [] }: HttpResponseInit,
    bytes: Uint8Array<ArrayBuffer>,
  ) {
    this.cookies = cookies;
    this.#status = status;
    this.#headers = new Headers(headers);
    this.#bytes = bytes;
  }

  get status(): number {
    return this.#status;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get body(): ReadableStream {
    this.#stream ??= new WholeBody(this.#bytes);
    return this.#stream;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const { buffer, byteOffset, length } = this.#bytes;
    return length === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + length);
  }

  clone(): functions.HttpResponse {
    const { status, headers, cookies } = this;
    return new HttpResponse({ status, headers, cookies, body: this.#bytes });
  }
}
