// The interface wasi:http/types of a component: the request that it receives, and the response that it builds.

import { MAX_FIELDS, MAX_HEAD_BYTES, TOKEN } from '../guest';
import { InputStream, OutputStream, Pollable } from './wasiIo';

type Field = [string, Uint8Array];
type Result<T, E> = { tag: 'ok'; val: T } | { tag: 'err'; val: E };

/** The response lies outside of the component's memory, so the limit of that memory does not bound it. */
const MAX_RESPONSE_BYTES = 1 << 30;
/** Shorter writes share a chunk, since a chunk costs about a hundred bytes more than its content. */
const CHUNK_BYTES = 4096;
const METHODS = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'];

export class Fields {
  #fields: Field[] = [];
  #length = 0;
  #isImmutable = false;

  static fromList(fields: Field[]): Fields {
    const made = new Fields();
    for (const [name, value] of fields) made.append(name, value);
    return made;
  }

  /** Returns the fields of a request, which the component must not change. */
  static received(headers: Iterable<[string, string]>): Fields {
    const made = new Fields();
    made.#fields = Array.from(headers, ([name, value]) => [name, Buffer.from(value, 'latin1')]);
    made.#length = lengthOf(made.#fields);
    made.#isImmutable = true;
    return made;
  }

  get(name: string): Uint8Array[] {
    return this.#fields.flatMap(([given, value]) => (isSame(given, name) ? [value] : []));
  }

  has(name: string): boolean {
    return this.#fields.some(([given]) => isSame(given, name));
  }

  set(name: string, values: Uint8Array[]): void {
    this.delete(name);
    for (const value of values) this.append(name, value);
  }

  delete(name: string): void {
    if (this.#isImmutable) throw { tag: 'immutable' };
    this.#fields = this.#fields.filter(([given]) => !isSame(given, name));
    this.#length = lengthOf(this.#fields);
  }

  append(name: string, value: Uint8Array): void {
    if (this.#isImmutable) throw { tag: 'immutable' };
    this.#check(this.#fields.length + 1, this.#length + name.length + value.length);
    if (!TOKEN.test(name) || value.some((byte) => (byte < 32 && byte !== 9) || byte === 127)) {
      throw { tag: 'invalid-syntax' };
    }
    this.#fields.push([name, Uint8Array.from(value)]);
    this.#length += name.length + value.length;
  }

  /**
   * Returns the fields of a response.
   *
   * @throws Error if they exceed the limits: they may come from the request, which has other limits
   */
  forResponse(): Field[] {
    this.#check(this.#fields.length, this.#length);
    return this.#fields;
  }

  #check(count: number, length: number): void {
    if (count > MAX_FIELDS) throw new Error(`it sets more than ${MAX_FIELDS} header fields`);
    if (length > MAX_HEAD_BYTES) throw new Error(`its header fields are longer than ${MAX_HEAD_BYTES} bytes`);
  }

  entries(): Field[] {
    return this.#fields;
  }

  clone(): Fields {
    return Fields.fromList(this.#fields);
  }
}

function lengthOf(fields: readonly Field[]): number {
  return fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

function isSame(one: string, two: string): boolean {
  return one.toLowerCase() === two.toLowerCase();
}

/** A request without its body. It can be posted to a worker thread. */
export interface RequestHead {
  method: string;
  url: string;
  headers: [string, string][];
}

export class IncomingRequest {
  readonly #request: RequestHead;
  readonly #body: Uint8Array;
  readonly #url: URL;
  #isConsumed = false;

  constructor(request: RequestHead, body: Uint8Array) {
    this.#request = request;
    this.#body = body;
    this.#url = new URL(request.url);
  }

  method(): { tag: string; val?: string } {
    const tag = this.#request.method.toLowerCase();
    return METHODS.includes(tag) ? { tag } : { tag: 'other', val: this.#request.method };
  }

  pathWithQuery(): string {
    return this.#url.pathname + this.#url.search;
  }

  scheme(): { tag: string } {
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

export class IncomingBody {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
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
export class FutureTrailers {
  subscribe(): Pollable {
    return new Pollable();
  }

  get(): Result<Result<undefined, unknown>, undefined> {
    return { tag: 'ok', val: { tag: 'ok', val: undefined } };
  }
}

export class OutgoingBody {
  readonly #chunks: Uint8Array[] = [];
  /** Collects short writes. */
  #chunk: Uint8Array | undefined;
  #filled = 0;
  #length = 0;

  write(): OutputStream {
    return new OutputStream((bytes) => {
      this.#length += bytes.length;
      if (this.#length > MAX_RESPONSE_BYTES)
        throw new Error(`its response is longer than ${MAX_RESPONSE_BYTES} bytes`);
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

export class OutgoingResponse {
  readonly content = new OutgoingBody();
  readonly #headers: Fields;
  #status = 200;

  constructor(headers: Fields) {
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
    return this.#headers;
  }

  body(): OutgoingBody {
    return this.content;
  }
}

export class ResponseOutparam {
  response: Result<OutgoingResponse, { tag: string; val?: unknown }> | undefined;

  static set(outparam: ResponseOutparam, response: NonNullable<ResponseOutparam['response']>): void {
    outparam.response = response;
  }
}
