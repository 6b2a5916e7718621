// The body and the response of a call, and what a response may contain. A guest is a module or a component.

/** The body of a request, on its way into the guest's memory. */
export interface RequestBody {
  readonly length: number;
  /** Copies the bytes into `target`, from `offset` on. */
  copyTo(target: Uint8Array, offset: number): void;
  /** Frees the memory that holds the bytes. */
  release(): void;
}

/** Wraps bytes that the garbage collector frees. */
export function bytesBody(bytes: Uint8Array): RequestBody {
  return {
    length: bytes.length,
    copyTo: (target, offset) => target.set(bytes, offset),
    release: () => undefined,
  };
}

export type Headers = readonly [string, string][];

/** An offset in a body, and a length. */
export type Range = readonly [number, number];

/** A message, event, entity or blob for an output. */
export interface OutputPart {
  /** The name of the output. */
  name: string;
  kind: 'bytes' | 'text' | 'json';
  range: Range;
}

/** What the body of a response consists of, if the function has outputs. */
export interface ResponseParts {
  outputs: readonly OutputPart[];
  /** What the client gets; without it, the whole body. */
  body: Range | undefined;
}

/** The response of a guest. The body is a copy, outside of the guest's memory. */
export interface GuestResponse {
  status: number;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  /** Set if the function has outputs. */
  parts?: ResponseParts | undefined;
  /** The fuel that the call left over, if it ran in an instance of the metered copy. */
  unitsLeft?: number | undefined;
  /** How long the call took, if it ran on a thread. */
  milliseconds?: number;
}

/** The guest has too little memory for the request. */
export class OutOfMemory extends Error {}

/** An output of the guest cannot be handed to the platform as it is. */
export class OutputRefused extends Error {}

/** The platform's host refuses a longer head from a worker, and the client would not learn why. */
export const MAX_HEAD_BYTES = 64 << 10;
/** Hosts and clients accept about this many header fields. */
export const MAX_FIELDS = 1000;

/** A token of HTTP, such as the name of a header field (RFC 9110, section 5.6.2). */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;

/** Fields that concern one connection, or that Node.js sets itself (RFC 9110, section 7.6.1). */
const SET_BY_TRANSPORT = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a guest may set the header field `name` of its response; other fields are dropped. */
export function isGuestField(name: string): boolean {
  return !SET_BY_TRANSPORT.has(name.toLowerCase());
}
