// Plays the worker in this process: the app's requests arrive on the proxy path of `@azure/functions`.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpRequest, IncomingMessage } from 'node:http';
import Module from 'node:module';

const callbacks = new Map();
let model;
export const core = {
  version: '3.0.0',
  hostVersion: '4.1037.0',
  Disposable: class {},
  registerFunction: (metadata, callback) => callbacks.set(metadata.name, { metadata, callback }),
  setProgrammingModel: (given) => {
    model = given;
  },
  getProgrammingModel: () => model,
  log: () => {},
};
const { require } = Module.prototype;
Module.prototype.require = function (name) {
  return name === '@azure/functions-core' ? core : Reflect.apply(require, this, [name]);
};

/** Returns what the app has registered: the bindings and the handler of a function. */
export function registered(name) {
  const { metadata, callback } = callbacks.get(name);
  return { ...metadata, handler: callback };
}

/** How many messages were read through their own iterators, as a web stream reads them. */
export let iterated = 0;
const iterate = IncomingMessage.prototype[Symbol.asyncIterator];
IncomingMessage.prototype[Symbol.asyncIterator] = function () {
  if (this.method) iterated++;
  return iterate.call(this);
};

/** Returns what the app tells the host. With HTTP streaming this opens the listener of `@azure/functions`. */
export const capabilities = () => model.getCapabilities({});

let address;
/** Opens the listener of `@azure/functions`, once. */
export async function listen() {
  const { HttpUri } = await capabilities();
  address ??= new URL(HttpUri);
  address.hostname = '127.0.0.1';
}

/** The header fields of requests, by invocation id: the host sends them with the invocation as well. */
const headersOf = new Map();

/** Invokes a function as the worker does. Adds what it logs to `log`. */
export async function invoke(name, invocationId, log = []) {
  const { metadata, callback } = callbacks.get(name);
  const [inputName] = Object.entries(metadata.bindings).find(([, { type }]) => type === 'httpTrigger');
  const invocation = model.getInvocationModel({
    invocationId,
    metadata,
    request: {
      inputData: [{ name: inputName, data: { http: {} } }],
      triggerMetadata: { Headers: { json: JSON.stringify(headersOf.get(invocationId) ?? {}) } },
    },
    log: (level, _category, text) => log.push([level, text]),
  });
  const { context, inputs } = await invocation.getArguments();
  const result = await invocation.invokeFunction(context, inputs, callback);
  await invocation.getResponse(context, result);
  return log;
}

export const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Starts a request as the host forwards it. The caller writes the body. */
export function forward(name, { headers = {}, ...options } = {}) {
  const id = randomUUID();
  const all = { 'x-ms-invocation-id': id, 'x-forwarded-host': 'a', 'x-forwarded-proto': 'http', ...headers };
  headersOf.set(id, all);
  const { port } = address;
  const request = httpRequest({
    agent,
    port,
    method: 'POST',
    path: `/api/${name}`,
    headers: all,
    ...options,
  });
  return { id, request };
}

/** Reads the response to a request. */
export async function answerTo(request) {
  const [response] = await once(request, 'response');
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const { statusCode: status, headers, socket } = response;
  return { status, headers, body: Buffer.concat(chunks), port: socket?.localPort };
}

/** Makes a whole call. Returns the response and what the function logged. */
export async function call(name, body = '', { headers, ...options } = {}) {
  const length = headers?.['transfer-encoding'] ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const { id, request } = forward(name, { headers: { ...length, ...headers }, ...options });
  request.end(body);
  const [answer, log] = await Promise.all([answerTo(request), invoke(name, id)]);
  return { ...answer, log };
}
