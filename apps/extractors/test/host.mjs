// Starts the app under the local host and reads what the host prints of the functions' logs.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { startHost as start } from '../../host.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const PATIENCE_MS = 60_000;

export const moduleFile =
  process.env.EXTRACTORS_MODULE ?? path('../../../target/wasm32-wasip1/release/extractors.wasm');

async function eventually(what, condition) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) assert.fail(what());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function startHost(env) {
  const { url, printed, stop } = await start(path('..'), { env: { EXTRACTORS_MODULE: moduleFile, ...env } });
  return {
    url,
    /** Sends a request; gives the response with its body read as text, bytes and, where it is JSON, as value. */
    async send(path, init) {
      const response = await fetch(`${url}/api/${path}`, { redirect: 'manual', ...init });
      const bytes = Buffer.from(await response.arrayBuffer());
      const { status, headers } = response;
      const isJson = /\bjson\b/.test(headers.get('content-type') ?? '');
      return { status, headers, bytes, text: bytes.toString(), json: isJson ? JSON.parse(bytes) : undefined };
    },
    /** Waits until the log of the invocation that gave this response has the entry. */
    async logged(response, level, entry) {
      const id = response.headers.get('x-ms-invocation-id');
      assert.ok(id, 'the response names no invocation');
      const begins = (line) => line.startsWith(`[${level}] `) && line.includes(` ${id} `);
      const matches = () => {
        // An entry of several lines goes on until the next one begins.
        const entries = printed().split(/\n(?=\[\w+\] )/);
        return entries.some((text) => begins(text) && entry.test(`${text}\n`));
      };
      await eventually(() => `the log of ${id} has no ${level} like ${entry}:\n${printed()}`, matches);
    },
    /** Waits until the host has printed this. */
    prints: (text) =>
      eventually(
        () => `the host prints no ${text}:\n${printed()}`,
        () => text.test(printed()),
      ),
    printed,
    stop,
  };
}

/** The request was refused with a problem whose detail says this. */
export function assertProblem(response, status, detail, members = {}) {
  assert.equal(response.status, status, response.text);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal(response.json.status, status);
  assert.match(response.json.detail, detail);
  for (const [member, value] of Object.entries(members))
    assert.deepEqual(response.json[member], value, member);
}
