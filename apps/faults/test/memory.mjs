// What wants more memory than it may have, and what becomes of memory that was had.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readsProcesses, residentMiB, sleep, startHost } from './host.mjs';
import { figure, tally } from './tally.mjs';

describe('memory', () => {
  let host;
  before(async () => {
    host = await startHost({ env: { BLUECRAB_THREADS: '1' } });
  });
  after(() => host?.stop());

  test('a memory bomb is a 500 at max_memory, and the log says what failed', async () => {
    const answer = await host.fault('memory-bomb', '', 500, /^the function failed; its log says why$/);
    await host.logged(answer, 'error', /memory allocation of 16777216 bytes failed/);
    await host.good();
  });

  test('who asks in a way that may fail is told, and answers himself', async () => {
    await host.fault('memory-asked-for', '', 413, /needs a GiB/);
    await host.good();
  });

  for (const [what, name, body, status, peakMiB] of [
    ['memory that a call needed comes back', 'grows', '500', 200, 500],
    ['memory that a bomb took comes back', 'memory-bomb', '', 500, 560],
  ]) {
    test(what, { skip: !readsProcesses }, async () => {
      const worker = await host.workerProcess();
      for (let call = 0; call < 50; call++) await host.good();
      const before = residentMiB(worker);
      let peak = before;
      const sampling = setInterval(() => {
        peak = Math.max(peak, residentMiB(worker));
      }, 2);
      tally.faults++;
      const answer = await host.send(name, body);
      clearInterval(sampling);
      assert.equal(answer.status, status);
      await host.good();
      // The engine gives memory back to the system from a thread of its own.
      for (let wait = 0; wait < 100 && residentMiB(worker) > before + 50; wait++) await sleep(20);
      const after = residentMiB(worker);
      const [one, two, three] = [before, peak, after].map((size) => size.toFixed(0));
      figure(
        `resident memory of the worker: before ${name} ${one} MiB, at its peak ${two}, after it ${three}`,
      );
      assert.ok(peak > before + peakMiB * 0.8, 'it was not had');
      assert.ok(after < before + (peak - before) / 10, 'it does not come back');
    });
  }
});
