// A trap is answered with 500 without details. The log says why, and the next call gets a new instance.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readsProcesses, residentMiB, startHost } from './host.mjs';
import { figure } from './tally.mjs';

const FAILED = /^the function failed; its log says why$/;

describe('traps', () => {
  let host;
  before(async () => {
    host = await startHost({ env: { BLUECRAB_THREADS: '2' } });
  });
  after(() => host?.stop());

  for (const [name, entry] of [
    ['panics', /panicked at \S+traps\.rs:\d+:\d+:\non purpose: 7$/],
    ['unreachable', /failed in WebAssembly: unreachable/],
    ['out-of-bounds', /failed in WebAssembly: memory access out of bounds/],
    ['stack-overflow', /failed in WebAssembly: .*(out of bounds|call stack)/],
  ]) {
    test(`${name} is answered with 500, and the log says why`, async () => {
      // The first call runs on a thread, the second on the event loop, the others on a thread again.
      for (let count = 0; count < 5; count++) {
        const answer = await host.fault(name, '7', 500, FAILED);
        await host.logged(answer, 'error', entry);
        await host.good();
      }
    });
  }

  test('the memory stays the same after ten thousand panics', { skip: !readsProcesses }, async () => {
    const worker = await host.workerProcess();
    const panics = (count) =>
      Promise.all(
        Array.from({ length: 4 }, async () => {
          for (let call = 0; call < count / 4; call++) await host.fault('panics', '7', 500, FAILED);
        }),
      );
    const measure = async () => {
      const times = [];
      for (let call = 0; call < 200; call++) times.push(await host.good());
      times.sort((one, two) => one - two);
      return { memory: residentMiB(worker), median: times[100], p99: times[198] };
    };
    const show = ({ memory, median, p99 }) =>
      `${memory.toFixed(0)} MiB, good request median ${median.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;

    // At first V8 compiles and its heap grows, most of all in Node.js 24. Afterwards, an instance that is not freed
    // would take a MiB.
    await panics(10_000);
    const start = await measure();
    await panics(10_000);
    const end = await measure();
    figure(`before 10,000 panics: ${show(start)}`);
    figure(`after 10,000 panics: ${show(end)}`);
    assert.ok(end.memory < start.memory + 48, 'the memory grew');
    assert.equal(await host.workerProcess(), worker, 'the worker was replaced');
  });
});
