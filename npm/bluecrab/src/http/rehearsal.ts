// Runs what the first request of a process needs, before that request: Node.js loads and compiles its code for HTTP when
// it is first used, which takes longer than a small call.

import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { ModuleRequest } from '../moduleRunner';
import { threadsPrepared } from '../pool/pool';
import { ECHO_BYTES, echoRequest, echoTask } from './echoModule';
import { hasOtherWatchers, INVOCATION_ID } from './exchange';
import type { GuestFunction } from './handler';
import { isStreaming } from './streaming';
import { HttpResponse } from './wholeResponse';

/** Starts this long after the app is loaded, so that the app's start does not wait. */
const DELAY_MS = 100;
/** Much longer than the rehearsal takes. */
const LIMIT_MS = 10_000;
const ID = 'bluecrab-rehearsal';

/** Answers a rehearsal with its body: a short one on the event loop, a long one on a thread. */
export const rehearsedGuest: GuestFunction<ModuleRequest> = {
  name: ID,
  timeoutMs: LIMIT_MS,
  maxBodyBytes: ECHO_BYTES,
  request: () => echoRequest,
  runner: {
    task: echoTask,
    inline: {
      expects: (declaredBytes) => declaredBytes < ECHO_BYTES,
      run: (_, body) => {
        const bytes = new Uint8Array(body.length);
        body.copyTo(bytes, 0);
        return { status: 200, headers: [['content-type', 'application/octet-stream']], body: bytes };
      },
      rehearsal: () => undefined,
      ranOnThread: () => undefined,
    },
  },
};

let planned: NodeJS.Timeout | undefined;
let wasCalled = false;

/** Plans a rehearsal with this handler, unless there is one. */
export function planRehearsal(handler: HttpHandler): void {
  if (planned || wasCalled) return;
  const start = () => {
    // The app may have replaced the classes by others that fail here, and a listener may be forbidden. Neither is an
    // error of this library.
    rehearse(handler).catch(() => undefined);
  };
  planned = setTimeout(start, DELAY_MS).unref();
}

/** A request has come: it should not compete with a rehearsal. */
export function cancelRehearsal(): void {
  if (wasCalled) return;
  wasCalled = true;
  clearTimeout(planned);
}

async function rehearse(handler: HttpHandler): Promise<void> {
  // What `HttpRequest` and `HttpResponse` of @azure/functions use.
  const body = Uint8Array.of(0);
  await new Request('http://localhost/', { method: 'POST', body }).arrayBuffer();
  await new Response(body).arrayBuffer();
  if (!isStreaming()) return;
  if (!isObserved()) await exchange(handler, body);
  // A long body arrives in pieces, and goes to a thread and back. Without threads there is nothing more to rehearse.
  const prepared = threadsPrepared();
  await prepared;
  if (prepared && !wasCalled && !isObserved()) await exchange(handler, Buffer.alloc(ECHO_BYTES));
}

/** The channels on which Node.js announces what the rehearsal does. */
const CHANNELS = [
  'net.client.socket',
  'net.server.socket',
  'http.server.response.created',
  'http.server.response.finish',
];

/** Whether something else, such as a tracing library, would see the rehearsal and report it. */
function isObserved(): boolean {
  // Tracing libraries replace this method, which the class inherits, by their own.
  const isPatched = Object.hasOwn(Server.prototype, 'emit');
  return isPatched || hasOtherWatchers() || CHANNELS.some((name) => channel(name).hasSubscribers);
}

/** Sends a request to a listener that exists only for it, and passes it to the handler as `@azure/functions` does. */
async function exchange(handler: HttpHandler, body: Uint8Array): Promise<void> {
  const server = new Server((message, response) => {
    respond(handler, message, response).catch(() => response.destroy());
  });
  try {
    server.listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1').unref().resume();
    client.setTimeout(LIMIT_MS, () => client.destroy());
    const head = `POST / HTTP/1.1\r\nhost: localhost\r\n${INVOCATION_ID}: ${ID}\r\nconnection: close\r\n`;
    client.write(`${head}content-length: ${body.length}\r\n\r\n`);
    // As with a long body, the server reads the head before the body arrives.
    server.once('request', () => client.write(body));
    await once(client, 'close');
  } finally {
    server.close();
  }
}

async function respond(
  handler: HttpHandler,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = message.headers as Record<string, string>;
  // Node.js accepts a message as a body, but its types do not say so.
  const init = { method: 'POST', headers, body: message as unknown as ReadableStream, duplex: 'half' };
  const request = new Request('http://localhost/', init);
  const context = { invocationId: ID, functionName: ID } as InvocationContext;
  const given = (await handler(request as unknown as HttpRequest, context)) as HttpResponseInit;
  const answer = given instanceof HttpResponse ? given : new HttpResponse(given);
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers.entries()) response.setHeader(name, value);
  for await (const chunk of answer.body?.values() ?? []) response.write(chunk);
  response.end();
}
