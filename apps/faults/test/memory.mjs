// Functions that allocate more memory than they may, and memory that must return to the system.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { peakMiB, readsProcesses, resetPeak, residentMiB, sleep, startHost } from './host.mjs';
import { figure, tally } from './tally.mjs';

describe('memory', () => {
  let host;
  before(async () => {
    host = await startHost({ env: { BLUECRAB_THREADS: '1' } });
  });
  after(() => host?.stop());

  test('a memory bomb is answered with 500 at max_memory, and the log says what failed', async () => {
    const answer = await host.fault('memory-bomb', '', 500, /^the function failed; its log says why$/);
    await host.logged(answer, 'error', /memory allocation of 16777216 bytes failed/);
    await host.good();
  });

  test('a function can handle an allocation that fails', async () => {
    await host.fault('memory-asked-for', '', 413, /needs a GiB/);
    await host.good();
  });

  for (const [what, name, body, status, wantedMiB] of [
    ['the memory of a call returns to the system', 'grows', '500', 200, 500],
    ['the memory of a memory bomb returns to the system', 'memory-bomb', '', 500, 560],
  ]) {
    test(what, { skip: !readsProcesses }, async () => {
      const worker = await host.workerProcess();
      for (let call = 0; call < 50; call++) await host.good();
      const before = residentMiB(worker);
      resetPeak(worker);
      tally.faults++;
      const answer = await host.send(name, body);
      const peak = peakMiB(worker);
      assert.equal(answer.status, status);
      await host.good();
      // V8 returns memory to the system on a separate thread, so it takes a moment.
      for (let wait = 0; wait < 1500 && residentMiB(worker) > before + 50; wait++) await sleep(20);
      const after = residentMiB(worker);
      const [one, two, three] = [before, peak, after].map((size) => size.toFixed(0));
      figure(
        `resident memory of the worker: ${one} MiB before ${name}, ${two} MiB at the peak, ${three} MiB afterwards`,
      );
      assert.ok(peak > before + wantedMiB * 0.8, 'the function did not use the memory');
      assert.ok(after < before + (peak - before) / 10, 'the memory did not return to the system');
    });
  }
});
