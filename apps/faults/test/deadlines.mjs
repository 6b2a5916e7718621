// What never ends is ended; the others do not notice.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startHost } from './host.mjs';
import { figure } from './tally.mjs';

const LATE = /^the function did not finish before its deadline$/;
const DEADLINE_MS = 1000;

describe('deadlines', () => {
  let host;
  before(async () => {
    host = await startHost({ env: { BLUECRAB_THREADS: '2' } });
    await host.good();
  });
  after(() => host?.stop());

  test('an endless loop is a 504 at its deadline, and what it logged is in the log', async () => {
    const start = performance.now();
    const answer = await host.fault('loops', '', 504, LATE);
    const time = performance.now() - start;
    figure(`an endless loop with a deadline of ${DEADLINE_MS} ms is answered after ${time.toFixed(0)} ms`);
    assert.ok(time >= DEADLINE_MS && time < DEADLINE_MS + 2000, `${time} ms`);
    await host.logged(answer, 'information', /it loops/);
    await host.logged(answer, 'error', /was ended: it has run for 1000 ms/);
    await host.good();
  });

  test('under load, threads that are ended cost no other call its answer', async () => {
    const load = host.load(4);
    for (let count = 0; count < 3; count++) await host.fault('loops', '', 504, LATE);
    const { count, longest } = await load.stop();
    figure(`while a thread of two looped and was ended, three times: ${count} good requests`);
    assert.ok(longest < DEADLINE_MS, `one took ${longest} ms`);
    await host.good();
  });

  test('loops on every thread delay the others until the deadline', async () => {
    const loops = [1, 2].map(() => host.fault('loops', '', 504, LATE));
    await host.good('good-inline');
    assert.ok((await host.good()) < DEADLINE_MS + 2000);
    await Promise.all(loops);
  });
});
