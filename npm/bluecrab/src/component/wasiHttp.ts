// The interface wasi:http/types of a component: the request that it receives, the response that it builds, and the
// requests that it may build but not send.

import { type Field, Fields } from './fields';
import { hold, Resource } from './usage';
import { InputStream, OutputStream, Pollable } from './wasiIo';

export { Fields };

type Result<T, E> = { tag: 'ok'; val: T } | { tag: 'err'; val: E };
/** A value of a WIT variant, such as a method. */
type Variant = { tag: string; val?: string };

/** Shorter writes share a chunk, since a chunk costs about a hundred bytes more than its content. */
const CHUNK_BYTES = 4096;
const METHODS = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'];

/** A request without its body. It can be posted to a worker thread. */
export interface RequestHead {
  method: string;
  url: string;
  headers: [string, string][];
}

export class IncomingRequest extends Resource {
  readonly #request: RequestHead;
  readonly #body: Uint8Array;
  readonly #url: URL;
  #isConsumed = false;

  constructor(request: RequestHead, body: Uint8Array) {
    super();
    this.#request = request;
    this.#body = body;
    this.#url = new URL(request.url);
  }

  method(): Variant {
    const tag = this.#request.method.toLowerCase();
    return METHODS.includes(tag) ? { tag } : { tag: 'other', val: this.#request.method };
  }

  pathWithQuery(): string {
    return this.#url.pathname + this.#url.search;
  }

  scheme(): Variant {
    return { tag: this.#url.protocol === 'https:' ? 'HTTPS' : 'HTTP' };
  }

  authority(): string {
    return this.#url.host;
  }

  headers(): Fields {
    return Fields.received(this.#request.headers);
  }

  consume(): IncomingBody {
    if (this.#isConsumed) throw undefined;
    this.#isConsumed = true;
    return new IncomingBody(this.#body);
  }
}

export class IncomingBody extends Resource {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.#bytes = bytes;
  }

  stream(): InputStream {
    return new InputStream(this.#bytes);
  }

  static finish(_body: IncomingBody): FutureTrailers {
    return new FutureTrailers();
  }
}

/** Says that there are no trailers. */
export class FutureTrailers extends Resource {
  subscribe(): Pollable {
    return new Pollable();
  }

  get(): Result<Result<undefined, unknown>, undefined> {
    return { tag: 'ok', val: { tag: 'ok', val: undefined } };
  }
}

export class OutgoingBody extends Resource {
  readonly #chunks: Uint8Array[] = [];
  /** Collects short writes. */
  #chunk: Uint8Array | undefined;
  #filled = 0;
  #length = 0;

  write(): OutputStream {
    return new OutputStream((bytes) => {
      hold(bytes.length);
      this.#length += bytes.length;
      if (this.#filled + bytes.length > CHUNK_BYTES) this.#flush();
      if (bytes.length >= CHUNK_BYTES) this.#chunks.push(bytes);
      else this.#add(bytes);
    });
  }

  /** Returns everything that was written. */
  bytes(): Uint8Array<ArrayBuffer> {
    this.#flush();
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  #add(bytes: Uint8Array): void {
    this.#chunk ??= new Uint8Array(CHUNK_BYTES);
    this.#chunk.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  #flush(): void {
    if (this.#chunk && this.#filled > 0) this.#chunks.push(this.#chunk.slice(0, this.#filled));
    this.#filled = 0;
  }

  static finish(_body: OutgoingBody, _trailers: Fields | undefined): void {}
}

export class OutgoingResponse extends Resource {
  readonly content = new OutgoingBody();
  readonly #headers: Fields;
  #status = 200;

  constructor(headers: Fields) {
    super();
    this.#headers = headers;
  }

  statusCode(): number {
    return this.#status;
  }

  setStatusCode(status: number): void {
    if (status < 200 || status > 599) throw undefined;
    this.#status = status;
  }

  headers(): Fields {
    return this.#headers.immutable();
  }

  /** Returns the header fields that are sent. */
  fields(): Field[] {
    return this.#headers.forResponse();
  }

  body(): OutgoingBody {
    return this.content;
  }
}

export class ResponseOutparam extends Resource {
  response: Result<OutgoingResponse, { tag: string; val?: unknown }> | undefined;

  static set(outparam: ResponseOutparam, response: NonNullable<ResponseOutparam['response']>): void {
    outparam.response = response;
  }
}

/** A request to another server. `outgoing-handler` refuses it. */
export class OutgoingRequest extends Resource {
  readonly #headers: Fields;
  readonly #body = new OutgoingBody();
  #method: Variant = { tag: 'get' };
  #pathWithQuery: string | undefined;
  #scheme: Variant | undefined;
  #authority: string | undefined;

  constructor(headers: Fields) {
    super();
    this.#headers = headers;
  }

  body(): OutgoingBody {
    return this.#body;
  }

  method(): Variant {
    return this.#method;
  }

  setMethod(method: Variant): void {
    holdInstead(this.#method.val, method.val);
    this.#method = method;
  }

  pathWithQuery(): string | undefined {
    return this.#pathWithQuery;
  }

  setPathWithQuery(pathWithQuery: string | undefined): void {
    holdInstead(this.#pathWithQuery, pathWithQuery);
    this.#pathWithQuery = pathWithQuery;
  }

  scheme(): Variant | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Variant | undefined): void {
    holdInstead(this.#scheme?.val, scheme?.val);
    this.#scheme = scheme;
  }

  authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): void {
    holdInstead(this.#authority, authority);
    this.#authority = authority;
  }

  headers(): Fields {
    return this.#headers.immutable();
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.setMethod({ tag: 'get' });
    this.setPathWithQuery(undefined);
    this.setScheme(undefined);
    this.setAuthority(undefined);
  }
}

/** Counts a text that the call holds, in place of another. */
function holdInstead(old = '', text = ''): void {
  hold(text.length - old.length);
}

/** The timeouts of a request to another server, in nanoseconds. */
export class RequestOptions extends Resource {
  #connect: bigint | undefined;
  #firstByte: bigint | undefined;
  #betweenBytes: bigint | undefined;

  connectTimeout(): bigint | undefined {
    return this.#connect;
  }

  setConnectTimeout(timeout: bigint | undefined): void {
    this.#connect = timeout;
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte;
  }

  setFirstByteTimeout(timeout: bigint | undefined): void {
    this.#firstByte = timeout;
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes;
  }

  setBetweenBytesTimeout(timeout: bigint | undefined): void {
    this.#betweenBytes = timeout;
  }
}

// A component never has such a resource, because no request is sent, but its bindings need the classes.
export class FutureIncomingResponse extends Resource {}
export class IncomingResponse extends Resource {}

/** Returns the error of HTTP behind an error of a stream. A body that is complete before the call has no such error. */
export function httpErrorCode(): undefined {
  return undefined;
}
