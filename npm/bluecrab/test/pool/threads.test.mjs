// Threads that start late or fail to start, in a separate process whose threads load a file first.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { folder } from '../guest.mjs';
import { source } from '../source.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Runs code in a new process, and other code first in each of its threads. Returns the last value that it reports. */
async function inProcess({ inThreads = '', flags = [], env = {} }, statements) {
  const preload = join(folder, 'preload.cjs');
  const script = join(folder, 'script.mjs');
  writeFileSync(preload, `if (!require('node:worker_threads').isMainThread) { ${inThreads} }`);
  const guest = JSON.stringify(path('../guest.mjs'));
  writeFileSync(
    script,
    `import { call, callHandler, declare, ECHO, func, write } from ${guest};
     import { handler } from ${JSON.stringify(path('../../dist/index.mjs'))};
     import { registerComponent } from ${JSON.stringify(path('../../dist/component.mjs'))};
     const report = (value) => console.log(JSON.stringify(value));
     ${statements}`,
  );
  const options = { env: { ...process.env, ...env }, timeout: 300_000 };
  const all = [...flags, `--require=${preload}`, script];
  const { stdout } = await promisify(execFile)(process.execPath, all, options);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

test('the start of a thread does not count against the deadline of its call', async () => {
  const waits = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6000);';
  const { status, log } = await inProcess(
    { inThreads: waits },
    `report(await call(write(ECHO, [declare('echo', { timeoutMs: 5000 })]), 'echo', 'x'));`,
  );
  assert.equal(status, 200, JSON.stringify(log));
});

test('an endless example is ended, and calls run as usual', async () => {
  const [told, body] = await inProcess(
    { env: { BLUECRAB_THREADS: '1' } },
    `const told = new Promise((resolve) => { console.error = resolve; });
     const file = write(ECHO + '(func (export "loops") (loop $forever (br $forever)))', [
       declare('echo'),
       { ...declare('endless', { warmUp: 'loops', timeoutMs: 200 }), export: 'echo' },
     ]);
     handler(file, 'endless');
     const alive = setInterval(() => {}, 1000);
     await told;
     clearInterval(alive);
     report([await told, (await call(file, 'echo', 'x')).body]);`,
  );
  assert.equal(told, 'a worker thread was not warmed up: it has run for 200 ms, its deadline');
  assert.equal(body, 'x');
});

test('the preparation of a thread refuses no client, even if no call may wait', async () => {
  const statuses = await inProcess(
    { env: { BLUECRAB_THREADS: '1', BLUECRAB_QUEUE: '0' } },
    `import { setTimeout as sleep } from 'node:timers/promises';
     const BUSY = '(local $i i32) (loop $more (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20000000))))';
     const file = write(func('busy', BUSY + ' (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))'), [declare('busy')]);
     const statuses = [];
     for (let count = 0; count < 60; count++) {
       statuses.push((await call(file, 'busy', 'x')).status);
       await sleep(3);
     }
     report(statuses);`,
  );
  assert.deepEqual(statuses, Array(60).fill(200));
});

test('a call whose body is gone costs no thread', async () => {
  const [message, started] = await inProcess(
    { env: { BLUECRAB_THREADS: '1' } },
    `import workerThreads from 'node:worker_threads';
     let started = 0;
     workerThreads.Worker = class extends workerThreads.Worker {
       constructor(...given) {
         super(...given);
         started++;
       }
     };
     const { callable } = await import(${JSON.stringify(path('../../dist/index.mjs'))});
     const echo = callable(write(ECHO, [declare('echo', { run: 'pool' })]), 'echo');
     let message;
     for (let count = 0; count < 5; count++) {
       const bytes = new Uint8Array(100_000);
       const called = echo(bytes);
       structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
       await called.catch((error) => { message = error.message; });
     }
     report([message, started, (await echo('x')).text()]);`,
  );
  assert.match(message, /detached/);
  assert.equal(started, 1);
});

describe('a thread that cannot start', () => {
  const cannot = { inThreads: `throw new Error('no thread today');` };

  test('fails each call with 500, and the log has the reason', async () => {
    const answers = await inProcess(
      cannot,
      `const file = write(ECHO, [declare('echo')]);
       report([await call(file, 'echo', 'x'), await call(file, 'echo', 'x')]);`,
    );
    for (const { status, body, log } of answers) {
      assert.equal(status, 500);
      assert.doesNotMatch(body, /thread/);
      assert.deepEqual(log, [
        ['error', 'function echo was not called: a worker thread cannot start: no thread today'],
      ]);
    }
  });

  for (const [what, ends] of [
    ['cannot start', cannot.inThreads],
    ['ends soon after its start', 'setTimeout(() => process.exit(), 50);'],
  ]) {
    test(`is not started again and again if it ${what} before the first call`, async () => {
      const starts = join(folder, `starts-${ends.length}`);
      const counts = `require('node:fs').appendFileSync(${JSON.stringify(starts)}, 'x');`;
      const count = await inProcess(
        { inThreads: counts + ends, env: { BLUECRAB_THREADS: '2' } },
        `import { existsSync, readFileSync } from 'node:fs';
         import { setTimeout as sleep } from 'node:timers/promises';
         const starts = ${JSON.stringify(starts)};
         const count = () => (existsSync(starts) ? readFileSync(starts).length : 0);
         handler(write(ECHO, [declare('echo')]), 'echo');
         while (count() < 2) await sleep(20);
         await sleep(1000);
         report(count());`,
      );
      assert.equal(count, 2);
    });
  }

  test('does not affect functions on the event loop', async () => {
    const statuses = await inProcess(
      cannot,
      `const handle = handler(write(ECHO, [declare('echo', { run: 'auto' })]), 'echo');
       const statuses = [];
       while (statuses.length < 100 && statuses.at(-1) !== 200)
         statuses.push((await callHandler(handle, 'echo', 'x')).status);
       report(statuses);`,
    );
    // The first calls need a thread.
    assert.deepEqual([statuses[0], statuses.at(-1)], [500, 200]);
  });

  test('is an error at registration if Node.js may not start threads', async () => {
    const permission = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    const message = await inProcess(
      { flags: [permission, '--allow-fs-read=*', '--allow-fs-write=*', '--no-warnings'] },
      `try { handler(write(ECHO, [declare('echo')]), 'echo'); report('none'); }
       catch ({ message }) { report(message); }`,
    );
    assert.match(message, /may not start worker threads: add --allow-worker/);
  });
});

describe('the limit of a container', async () => {
  const { processorLimit } = await source('settings');
  for (const [what, files, expected] of [
    ['two processors', { 'cpu.max': '200000 100000\n' }, 2],
    ['half a processor', { 'cpu.max': '50000 100000\n' }, 0.5],
    ['no limit', { 'cpu.max': 'max 100000\n' }, Number.POSITIVE_INFINITY],
    ['version 1', { 'cpu/cpu.cfs_quota_us': '150000\n', 'cpu/cpu.cfs_period_us': '100000\n' }, 1.5],
    [
      'no limit in version 1',
      { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' },
      Number.POSITIVE_INFINITY,
    ],
    ['no cgroups', {}, Number.POSITIVE_INFINITY],
  ]) {
    test(`is read: ${what}`, () => {
      const cgroup = mkdtempSync(join(folder, 'cgroup-'));
      mkdirSync(join(cgroup, 'cpu'));
      for (const [file, text] of Object.entries(files)) writeFileSync(join(cgroup, file), text);
      assert.equal(processorLimit(cgroup), expected);
    });
  }
});

describe('how many threads start', () => {
  const started = (env, statements) =>
    inProcess(
      { env },
      `import workerThreads from 'node:worker_threads';
       let started = 0;
       workerThreads.Worker = class extends workerThreads.Worker {
         constructor(...args) { super(...args); started++; }
       };
       handler(write(ECHO, [declare('echo')]), 'echo');
       ${statements}
       await new Promise((resolve) => setTimeout(resolve, 500));
       report(started);`,
    );

  test('the processes of FUNCTIONS_WORKER_PROCESS_COUNT share the processors', async () => {
    const processes = { FUNCTIONS_WORKER_PROCESS_COUNT: '1000' };
    assert.equal(await started(processes, ''), 1);
    assert.equal(await started({ ...processes, BLUECRAB_THREADS: '3' }, ''), 3);
  });

  test('modules and components share the threads', async () => {
    const bindings = join(folder, 'component.mjs');
    writeFileSync(bindings, '');
    const register = `registerComponent(${JSON.stringify(bindings)}, { name: 'component' });`;
    assert.equal(await started({ BLUECRAB_THREADS: '2' }, register), 2);
  });
});
