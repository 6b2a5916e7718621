// Starts the app in the local host and reads the functions' logs from the output of the host.

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
    /** Sends a request. Returns the response with its body as text, as bytes and, if it is JSON, as a value. */
    async send(path, init) {
      const response = await fetch(`${url}/api/${path}`, { redirect: 'manual', ...init });
      const bytes = Buffer.from(await response.arrayBuffer());
      const { status, headers } = response;
      const isJson = /\bjson\b/.test(headers.get('content-type') ?? '');
      return { status, headers, bytes, text: bytes.toString(), json: isJson ? JSON.parse(bytes) : undefined };
    },
    /** Waits until the log of the invocation with this response contains the entry. */
    async logged(response, level, entry) {
      const id = response.headers.get('x-ms-invocation-id');
      assert.ok(id, 'the response has no x-ms-invocation-id');
      const begins = (line) => line.startsWith(`[${level}] `) && line.includes(` ${id} `);
      const matches = () => {
        // An entry may have several lines. It ends where the next entry begins.
        const entries = printed().split(/\n(?=\[\w+\] )/);
        return entries.some((text) => begins(text) && entry.test(`${text}\n`));
      };
      await eventually(
        () => `the log of invocation ${id} has no ${level} entry that matches ${entry}:\n${printed()}`,
        matches,
      );
    },
    /** Waits until the output of the host matches. */
    prints: (text) =>
      eventually(
        () => `the output of the host does not match ${text}:\n${printed()}`,
        () => text.test(printed()),
      ),
    printed,
    stop,
  };
}

/** Asserts that the response is a problem with this status, detail and members. */
export function assertProblem(response, status, detail, members = {}) {
  assert.equal(response.status, status, response.text);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal(response.json.status, status);
  assert.match(response.json.detail, detail);
  for (const [member, value] of Object.entries(members))
    assert.deepEqual(response.json[member], value, member);
}
