// A function of an app, called in this process without a host.

import Module, { createRequire } from 'node:module';

/**
 * Loads a file of an app, and returns a function that calls the handler of this name with the bytes of a JSON body. It
 * returns status and bytes of the response.
 */
export function handlerOf(file, name) {
  const require = createRequire(file);
  const library = require('@azure/functions');
  const handlers = new Map();
  // The library itself registers nothing without a host.
  const app = {
    ...library.app,
    setup: () => {},
    http: (name, { handler }) => handlers.set(name, handler),
  };
  const load = Module._load;
  Module._load = (request, ...rest) =>
    request === '@azure/functions' ? { ...library, app } : load(request, ...rest);
  try {
    require(file);
  } finally {
    Module._load = load;
  }
  const handler = handlers.get(name);
  if (!handler) throw new Error(`${file} has no function ${name}; it has ${[...handlers.keys()]}`);
  return (bytes) => call(library, handler, bytes);
}

/** Calls a handler with a JSON body. */
export async function call({ HttpRequest, InvocationContext }, handler, bytes) {
  const headers = { 'content-type': 'application/json', 'content-length': String(bytes.length) };
  const request = new HttpRequest({ method: 'POST', url: 'http://localhost/', body: { bytes }, headers });
  const context = new InvocationContext({ functionName: 'test', invocationId: '' });
  const answer = await handler(request, context);
  const { status = 200, body = '', jsonBody } = answer;
  // A response of its own class, not a plain object.
  if (answer.arrayBuffer) return { status, bytes: Buffer.from(await answer.arrayBuffer()) };
  if (jsonBody !== undefined) return { status, bytes: Buffer.from(JSON.stringify(jsonBody)) };
  return { status, bytes: Buffer.from(body) };
}
