// The module ABI, version 1, for AssemblyScript: see docs/abi.md.

/** The response record. Head and body are allocated on the heap and freed when the next request comes. */
@unmanaged
class Response {
  status: u32;
  head: usize;
  headLength: usize;
  body: usize;
  bodyLength: usize;
}

const last = changetype<Response>(memory.data(offsetof<Response>(), 4));

export const enum Level {
  Trace,
  Debug,
  Information,
  Warning,
  Error,
  Critical,
}

@external('bluecrab', 'log')
declare function write(level: u32, text: usize, length: usize): void;

/** Writes one entry into the log of the running invocation. */
export function log(level: Level, text: string): void {
  const bytes = String.UTF8.encode(text);
  write(level, changetype<usize>(bytes), bytes.byteLength);
}

export function bluecrab_alloc(length: usize): usize {
  freeLast();
  return heap.alloc(length);
}

function freeLast(): void {
  if (last.head !== 0) heap.free(last.head);
  if (last.body !== 0 && last.body !== last.head) heap.free(last.body);
  last.head = 0;
  last.body = 0;
}

/** Answers a request. Head and body must come from heap.alloc or bluecrab_alloc. */
export function respond(status: u32, head: usize, headLength: usize, body: usize, bodyLength: usize): usize {
  freeLast();
  last.status = status;
  last.head = head;
  last.headLength = headLength;
  last.body = body;
  last.bodyLength = bodyLength;
  return changetype<usize>(last);
}

/** Answers with a body from heap.alloc and its media type. */
export function respondTyped(status: u32, type: string, body: usize, bodyLength: usize): usize {
  const head = String.UTF8.encode(`{"headers":[["content-type","${type}"]]}`);
  return respond(status, copy(head), head.byteLength, body, bodyLength);
}

/** Answers with a text and its media type. */
export function respondText(status: u32, type: string, text: string): usize {
  const body = String.UTF8.encode(text);
  return respondTyped(status, type, copy(body), body.byteLength);
}

/** What a function writes for one of its outputs: a part of the response's body. */
export class Output {
  constructor(
    readonly name: string,
    /** `bytes`, `text` or `json`. */
    readonly kind: string,
    readonly offset: usize,
    readonly length: usize,
  ) {}
}

/** Answers with outputs in a body from heap.alloc or bluecrab_alloc. Several of one name are several messages. */
export function respondOutputs(outputs: Output[], body: usize, bodyLength: usize): usize {
  const parts = outputs.map<string>(
    (part) =>
      `{"name":"${part.name}","offset":${part.offset},"length":${part.length},"kind":"${part.kind}"}`,
  );
  const head = String.UTF8.encode(`{"outputs":[${parts.join(',')}]}`);
  return respond(200, copy(head), head.byteLength, body, bodyLength);
}

function copy(bytes: ArrayBuffer): usize {
  const target = heap.alloc(bytes.byteLength);
  memory.copy(target, changetype<usize>(bytes), bytes.byteLength);
  return target;
}

/** An exception calls this function: it logs the message and traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  log(Level.Critical, `${message ? message : 'abort'} (${file ? file : '?'}:${line}:${column})`);
  unreachable();
}
