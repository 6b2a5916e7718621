// Starts the flagship app in the local host, as a user does, and calls it.

import { fileURLToPath } from 'node:url';
import { startHost as start } from '../../host.mjs';

const app = process.env.BLUECRAB_APP ?? fileURLToPath(new URL('../dist', import.meta.url));

export const startHost = () => start(app);

/** Posts JSON to a function. Returns the status, the content type and the body of the answer as text. */
export async function post(host, name, body, init = {}) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${host.url}/api/${name}`, { method: 'POST', body, headers, ...init });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}
