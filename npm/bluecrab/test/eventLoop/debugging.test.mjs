// With `BLUECRAB_DEBUG`, all calls run on the event loop, where a debugger may stop them.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';

process.env.BLUECRAB_DEBUG = '1';

const { callable, handler } = await import('bluecrab');
const { call, declare, ECHO, func, tasks, write } = await import('../guest.mjs');

/** Takes much longer than a millisecond. */
const LONG = func(
  'long',
  `(local $i i32)
  (loop $again (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50000000))))
  (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`,
);

for (const run of ['auto', 'pool', 'fresh']) {
  test(`a call runs on the event loop, without a deadline (${run})`, async () => {
    const file = write(LONG, [declare('long', { run, timeoutMs: 1 })]);
    for (let count = 0; count < 2; count++) assert.equal((await call(file, 'long')).status, 200);
    assert.deepEqual(tasks.sent, []);
  });
}

test('a call without a declared length runs there too, and a call from JavaScript', async () => {
  const file = write(ECHO, [declare('echo')]);
  assert.equal((await call(file, 'echo', 'x', { headers: { 'content-length': undefined } })).body, 'x');
  assert.equal((await callable(file, 'echo')('y')).text(), 'y');
  assert.deepEqual(tasks.sent, []);
});

test('a trap costs one call', async () => {
  const traps = func('f', '(if (local.get $body_len) (then unreachable)) (i32.const 0)');
  const file = write(`${traps} ${ECHO}`, [declare('f'), declare('echo')]);
  const { status, log } = await call(file, 'f', 'x');
  assert.equal(status, 500);
  assert.match(log.at(-1)[1], /function f failed in WebAssembly: unreachable/);
  assert.equal((await call(file, 'echo', 'x')).body, 'x');
});

test('the metered copy is not read', async () => {
  const file = write(ECHO, [declare('echo', { run: 'auto' })]);
  writeFileSync(file.replace(/\.wasm$/, '.metered.wasm'), 'of another build');
  assert.equal((await call(file, 'echo', 'x')).body, 'x');
});

test('another value is refused', () => {
  const file = write(ECHO, [declare('echo')]);
  process.env.BLUECRAB_DEBUG = 'yes';
  assert.throws(() => handler(file, 'echo'), { message: /BLUECRAB_DEBUG is "yes": expected 1 or 0/ });
  process.env.BLUECRAB_DEBUG = '1';
});
