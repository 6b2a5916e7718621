// A function with `run` = `fresh` has a new instance of the module for each call.

import assert from 'node:assert/strict';
import { test } from 'node:test';

// All calls run on one thread, which keeps an instance for the other functions of a module.
process.env.BLUECRAB_THREADS = '1';

const { callable } = await import('bluecrab');
const { call, declare, func, tasks, write } = await import('../guest.mjs');

/** Counts the calls of an instance, and answers with the number. */
const COUNT = `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
  (i32.store (i32.const 1024) (global.get $calls))
  (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 1))`;
const TEXT = `(global $calls (mut i32) (i32.const 0)) ${func('count', COUNT)} ${func('trap', `${COUNT} unreachable`)}
  (func (export "example") (global.set $calls (i32.const 100)))`;

const module = (run) =>
  write(TEXT, [
    declare('fresh', { export: 'count', run: 'fresh', requires: ['fresh'], warmUp: 'example' }),
    declare('trap', { run: 'fresh' }),
    declare('kept', { export: 'count', run }),
  ]);
const count = async (file, name) => (await call(file, name)).bytes[0];

test('state does not survive, not even that of an example or of a call that trapped', async () => {
  const file = module('pool');
  for (let index = 0; index < 3; index++) {
    assert.equal(await count(file, 'fresh'), 1);
    assert.equal((await call(file, 'trap')).status, 500);
  }
});

test('the other functions of the module keep their instance', async () => {
  const file = module('pool');
  for (let calls = 1; calls < 4; calls++) {
    assert.equal(await count(file, 'kept'), calls);
    assert.equal(await count(file, 'fresh'), 1);
  }
});

test('no call runs on the event loop, though the module has a metered copy', async () => {
  const file = module('auto');
  await count(file, 'kept');
  for (let index = 0; index < 3; index++) {
    tasks.sent.length = 0;
    assert.equal(await count(file, 'fresh'), 1);
    assert.deepEqual(tasks.sent, ['module', 'module']);
  }
});

test('calls from JavaScript have a new instance too', async () => {
  const fresh = callable(module('pool'), 'fresh');
  const results = await Promise.all(Array.from({ length: 20 }, () => fresh()));
  assert.deepEqual(
    results.map(([calls]) => calls),
    Array(20).fill(1),
  );
});
