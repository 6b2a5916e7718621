// Starts the flagship app under the local host, as a user does, and stops it again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const executable =
  process.env.BLUECRAB ?? fileURLToPath(new URL('../../../target/tools/bluecrab', import.meta.url));
const app = process.env.BLUECRAB_APP ?? fileURLToPath(new URL('../dist', import.meta.url));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** A running host: its address, what it has printed, and how to end it. */
export async function startHost(...flags) {
  const port = await freePort();
  const child = spawn(executable, ['dev', app, '--port', String(port), ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
  }
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the host ended with ${child.exitCode}:\n${printed}`);
    const ready = await fetch(`${url}/api/hello-node`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    pid: child.pid,
    printed: () => printed,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      return child.exitCode;
    },
  };
}

/** Posts a body to a function and gives status, content type and the bytes of the answer as text. */
export async function post(host, name, body, init = {}) {
  const response = await fetch(`${host.url}/api/${name}`, { method: 'POST', body, ...init });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}
