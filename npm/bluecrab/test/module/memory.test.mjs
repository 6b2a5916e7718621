// The memory of a large instance is freed after its call, on any thread, after a response and after a trap.

import assert from 'node:assert/strict';
import { test } from 'node:test';

process.env.BLUECRAB_THREADS = '1';
process.env.BLUECRAB_RECYCLE_BYTES = String(64 << 20);

const { call, declare, ECHO, func, write } = await import('../guest.mjs');
const { residentMiB } = await import('../memory.mjs');

const MIB = 1 << 20;
const GROWN = 300 * MIB;
const grow = `(drop (memory.grow (i32.const ${GROWN / 65_536})))
  (memory.fill (i32.const ${4 * MIB}) (i32.const 1) (i32.const ${GROWN}))
  (i32.store (i32.const 65536) (memory.size)) `;
const size = '(call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 65536) (i32.const 4))';
const text = `${ECHO} ${func('grow', grow + size)} ${func('trap', `${grow} unreachable`)}`;

for (const run of ['pool', 'auto', 'fresh']) {
  const file = write(
    text,
    ['echo', 'grow', 'trap'].map((name) => declare(name, { run })),
  );
  for (const [name, status] of [
    ['grow', 200],
    ['trap', 500],
  ]) {
    test(`${name}, ${run}`, async () => {
      assert.equal((await call(file, 'echo', 'x')).body, 'x');
      const before = await residentMiB();
      for (let count = 0; count < 3; count++) {
        assert.equal((await call(file, name)).status, status);
        assert.equal((await call(file, 'echo', 'x')).body, 'x');
      }
      const grown = (await residentMiB(before + 100)) - before;
      assert.ok(grown < 100, `${grown.toFixed(0)} MiB are held after three calls that took 300 MiB each`);
    });
  }
}
