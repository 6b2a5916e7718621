// An endless loop is ended at its deadline, and other calls are not affected.

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

  test('an endless loop is answered with 504 at its deadline, and its log entries are kept', async () => {
    const start = performance.now();
    const answer = await host.fault('loops', '', 504, LATE);
    const time = performance.now() - start;
    figure(`an endless loop with a deadline of ${DEADLINE_MS} ms is answered after ${time.toFixed(0)} ms`);
    assert.ok(time >= DEADLINE_MS, `${time} ms`);
    await host.logged(answer, 'information', /it loops/);
    await host.logged(answer, 'error', /was ended: it has run for 1000 ms/);
    await host.good();
  });

  test('under load, ending a thread costs no other call its answer', async () => {
    const load = host.load(4);
    for (let count = 0; count < 3; count++) await host.fault('loops', '', 504, LATE);
    const count = await load.stop();
    figure(`while one of two threads looped and was ended, three times: ${count} good requests`);
    assert.ok(count > 0);
    await host.good();
  });

  test('loops on every thread delay other calls only until the deadline', async () => {
    const loops = [1, 2].map(() => host.fault('loops', '', 504, LATE));
    await host.good();
    await Promise.all(loops);
  });
});
