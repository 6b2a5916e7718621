// Starts both sides of a job in the local host and calls them with the same body.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { startHost } from '../../host.mjs';

const JSON_JOBS = ['bcrypt', 'montecarlo', 'schema'];

async function startSide(job, side) {
  const host = await startHost(fileURLToPath(new URL(`../${job}/${side}`, import.meta.url)));
  return {
    async post(name, body, type = JSON_JOBS.includes(job) ? 'application/json' : undefined) {
      const signal = AbortSignal.timeout(120_000);
      const headers = type === undefined ? {} : { 'content-type': type };
      const response = await fetch(`${host.url}/api/${name}`, { method: 'POST', body, headers, signal });
      const bytes = Buffer.from(await response.arrayBuffer());
      return {
        status: response.status,
        bytes,
        get text() {
          return bytes.toString();
        },
      };
    },
    stop: host.stop,
  };
}

/** Starts both sides of a job. */
export async function startJob(job) {
  const javascript = await startSide(job, 'javascript');
  const rust = await startSide(job, 'rust').catch(async (error) => {
    await javascript.stop();
    throw error;
  });
  return {
    javascript,
    rust,
    /** Returns the answers of both sides to a good request. */
    async answers(name, body) {
      const [one, two] = await Promise.all([javascript.post(name, body), rust.post(name, body)]);
      assert.equal(one.status, 200, `JavaScript: ${one.text.slice(0, 500)}`);
      assert.equal(two.status, 200, `Rust: ${two.text.slice(0, 500)}`);
      return [one, two];
    },
    async sameBytes(name, body) {
      const [one, two] = await this.answers(name, body);
      if (one.bytes.equals(two.bytes)) return one;
      const at = one.bytes.findIndex((byte, index) => byte !== two.bytes[index]);
      const around = ({ bytes }) => JSON.stringify(bytes.subarray(Math.max(at - 60, 0), at + 60).toString());
      return assert.fail(`byte ${at}: ${around(one)} and ${around(two)}`);
    },
    /** Asserts that both sides refuse a request with a reason, and returns the reasons. */
    async refused(name, body, status = 400, type = undefined) {
      const both = await Promise.all([javascript, rust].map((side) => side.post(name, body, type)));
      assert.deepEqual(
        both.map((answer) => answer.status),
        [status, status],
        `${String(body).slice(0, 200)}: ${both.map((answer) => answer.text)}`,
      );
      for (const { text } of both) assert.ok(text.length > 5, `the answer has no reason: "${text}"`);
      return both.map(({ text }) => text);
    },
    /** Asserts that both sides accept JSON only if the request says that it is JSON. */
    async takesOnlyJson(name, body) {
      for (const type of ['Application/JSON; charset=utf-8', 'application/vnd.api+json']) {
        const both = await Promise.all([javascript, rust].map((side) => side.post(name, body, type)));
        for (const { status, text } of both) assert.equal(status, 200, `${type}: ${text}`);
      }
      for (const type of ['text/plain', 'text/plain; application/json', 'text/json', 'application/+json'])
        await this.refused(name, body, 415, type);
    },
    stop: () => Promise.all([javascript.stop(), rust.stop()]),
  };
}

/** Asserts that two values are equal, except that numbers may differ by a share of the larger number. */
export function assertClose(one, two, tolerance, at = '$') {
  if (typeof one === 'number' && typeof two === 'number') {
    const limit = tolerance * Math.max(Math.abs(one), Math.abs(two));
    assert.ok(Math.abs(one - two) <= limit, `${at}: ${one} and ${two}`);
  } else if (one !== null && typeof one === 'object') {
    assert.deepEqual(Object.keys(two ?? {}), Object.keys(one), at);
    for (const key of Object.keys(one)) assertClose(one[key], two[key], tolerance, `${at}.${key}`);
  } else {
    assert.equal(two, one, at);
  }
}
