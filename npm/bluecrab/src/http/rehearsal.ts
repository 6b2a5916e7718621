// Runs what the first request of a process needs, before that request: Node.js loads and compiles its code for HTTP when
// it is first used, which takes longer than a small call.

import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { HttpHandler, HttpRequest, HttpResponse, InvocationContext } from '@azure/functions';
import { hasOtherWatchers, INVOCATION_ID } from './exchange';
import type { GuestFunction } from './handler';
import { isStreaming } from './streaming';

/** Starts this long after the app is loaded, so that the app's start does not wait. */
const DELAY_MS = 100;
/** Much longer than the rehearsal takes. */
const LIMIT_MS = 5000;
const ID = 'bluecrab-rehearsal';

/** Answers a rehearsal with its body, on the event loop. */
export const rehearsedGuest: GuestFunction<undefined> = {
  name: ID,
  timeoutMs: LIMIT_MS,
  maxBodyBytes: 1,
  request: () => undefined,
  runner: {
    task: () => {
      throw new Error('a rehearsal needs no thread');
    },
    inline: {
      expects: () => true,
      run: (_, body) => {
        const bytes = new Uint8Array(body.length);
        body.copyTo(bytes, 0);
        return { status: 200, headers: [['content-type', 'application/octet-stream']], body: bytes };
      },
      rehearsal: () => undefined,
    },
  },
};

let planned: NodeJS.Timeout | undefined;
let isOver = false;

/** Plans a rehearsal with this handler, unless there is one. */
export function planRehearsal(handler: HttpHandler): void {
  if (planned || isOver) return;
  const start = () => {
    isOver = true;
    // The app may have replaced the classes by others that fail here, and a listener may be forbidden. Neither is an
    // error of this library.
    rehearse(handler).catch(() => undefined);
  };
  planned = setTimeout(start, DELAY_MS).unref();
}

/** A request has come: it should not compete with a rehearsal. */
export function cancelRehearsal(): void {
  if (isOver) return;
  isOver = true;
  clearTimeout(planned);
}

async function rehearse(handler: HttpHandler): Promise<void> {
  // What `HttpRequest` and `HttpResponse` of @azure/functions use.
  const body = Uint8Array.of(0);
  await new Request('http://localhost/', { method: 'POST', body }).arrayBuffer();
  await new Response(body).arrayBuffer();
  if (isStreaming() && !isObserved()) await exchange(handler);
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
async function exchange(handler: HttpHandler): Promise<void> {
  const server = new Server((message, response) => {
    respond(handler, message, response).catch(() => response.destroy());
  });
  try {
    server.listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1').unref().resume();
    client.setTimeout(LIMIT_MS, () => client.destroy());
    client.write(
      `POST / HTTP/1.1\r\nhost: localhost\r\n${INVOCATION_ID}: ${ID}\r\ncontent-length: 1\r\nconnection: close\r\n\r\n`,
    );
    // As with a long body, the server reads the head before the body arrives.
    server.once('request', () => client.write('0'));
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
  const answer = (await handler(request as unknown as HttpRequest, context)) as HttpResponse;
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers.entries()) response.setHeader(name, value);
  for await (const chunk of answer.body?.values() ?? []) response.write(chunk);
  response.end();
}
