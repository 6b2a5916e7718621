// Faults in short calls, which run on the event loop. The functions are called in this process, because only here a
// test can see which calls go to a thread. `cargo xtask test --only soak` sets `FAULTS` to a larger number.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import workerThreads from 'node:worker_threads';
import functions from '@azure/functions';
import { handler } from 'bluecrab';
import { expectedOf, figure, nextBody, tally } from './tally.mjs';

const { FAULTS: faults = 1000 } = process.env;
const file =
  process.env.FAULTS_MODULE ??
  fileURLToPath(new URL('../../../target/wasm32-wasip1/release/faults.wasm', import.meta.url));
/** How long half of the calls may occupy the event loop. They take about a millisecond if the machine is not busy. */
const MOST_MS = 100;

/** When calls were handed to a thread. */
const onThreads = [];
const { postMessage } = workerThreads.Worker.prototype;
workerThreads.Worker.prototype.postMessage = function (task, ...more) {
  if (task.kind === 'module') onThreads.push(performance.now());
  return postMessage.call(this, task, ...more);
};

/**
 * Makes a call in a new turn of the event loop. Returns the answer, how often the call went to a thread, and for how
 * many milliseconds it was on the event loop before.
 */
async function send(handle, body) {
  await nextTurn();
  const bytes = Buffer.from(body);
  const log = [];
  const context = new functions.InvocationContext({ logHandler: (_, entry) => log.push(entry) });
  const request = new functions.HttpRequest({
    method: 'POST',
    url: 'http://localhost/',
    headers: { 'content-length': String(bytes.length) },
    body: { bytes },
  });
  const before = onThreads.length;
  const start = performance.now();
  const { status = 200, body: answer = '' } = await handle(request, context);
  const time = (onThreads[before] ?? performance.now()) - start;
  return { status, text: Buffer.from(answer).toString(), log, threads: onThreads.length - before, time };
}

const isGood = handler(file, 'good');

/** Makes a good call and counts a wrong answer. */
async function good() {
  const body = nextBody(60_000);
  const { status, text } = await send(isGood, body);
  tally.good++;
  if (status === 200 && text === expectedOf(body)) return;
  tally.wrong++;
  assert.fail(`a good request of ${body.length} bytes was answered ${status} ${text}`);
}

/** All bodies have the same length, so the library expects all calls to take the same time. */
const padded = (text) => text.padEnd(16);
const SHORT = padded('short');

/** Returns the handler of a function whose calls the library expects to be short. */
async function expectedToBeShort(name) {
  const handle = handler(file, name);
  for (let tries = 0; tries < 1000; tries++) {
    const { threads, text } = await send(handle, SHORT);
    if (threads === 0) {
      assert.equal(text, SHORT);
      return handle;
    }
  }
  assert.fail(`no call of ${name} ran on the event loop`);
}

describe('faults in short calls', () => {
  // A panic fails on the event loop, and so does a recursion that leaves the module's stack. Other faults run out of
  // fuel, and run again on a thread.
  for (const [kind, share, name, status, entry, threads] of [
    ['panic', 0.555, 'fails', 500, /on purpose/, 0],
    ['recursion', 0.39, 'fails', 500, /call stack|out of bounds/, 0],
    ['loop', 0.05, 'hangs', 504, /its deadline/, 1],
    ['memory', 0.005, 'fails', 500, /memory allocation of 16777216 bytes failed/, 1],
  ]) {
    const count = Math.ceil(faults * share);

    test(`${kind}: ${count} on the event loop, and as many on a thread`, async () => {
      const fault = async (handle) => {
        const answer = await send(handle, padded(kind));
        tally.faults++;
        assert.equal(answer.status, status, answer.text);
        assert.match(answer.log.join('\n'), entry);
        return answer;
      };
      const times = [];
      for (let round = 0; round < count; round++) {
        const handle = await expectedToBeShort(name);
        const first = await fault(handle);
        assert.equal(first.threads, threads);
        times.push(first.time);
        await good();
        // Now the library sends the calls to the threads.
        const second = await fault(handle);
        assert.equal(second.threads, 1);
        await Promise.all([good(), good()]);
      }
      times.sort((one, two) => one - two);
      const median = times[count >> 1];
      figure(`${kind}: ${median.toFixed(1)} ms on the event loop, ${times.at(-1).toFixed(1)} ms at most`);
      assert.ok(median < MOST_MS, `the calls were on the event loop for ${median} ms`);
    });
  }
});
