// The functions of the module that only JavaScript calls.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { callable } from 'bluecrab/callable';

const module =
  process.env.TRIGGERS_MODULE ??
  fileURLToPath(new URL('../../../target/wasm32-wasip1/release/triggers.wasm', import.meta.url));

test('takes bytes and returns text', async () => {
  const sum = callable(module, 'callable-sum');
  assert.equal((await sum(Uint8Array.of(1, 2, 255))).text(), '258');
  assert.equal((await sum()).text(), '0');
});

test('takes an object and returns JSON', async () => {
  const swap = callable(module, 'callable-swap');
  assert.deepEqual((await swap({ x: 1, y: 2 })).json(), { x: 2, y: 1 });
  await assert.rejects(swap('{oops'), { name: 'CallError', kind: 'failed', status: 400 });
});

test('tells a failure, a panic and a deadline apart', async () => {
  const log = [];
  const fail = callable(module, 'callable-fail', { log: (level, entry) => log.push(`${level}: ${entry}`) });
  await assert.rejects(fail('politely'), {
    kind: 'failed',
    status: 422,
    message: '`politely` is not a way to fail',
  });
  await assert.rejects(fail('panic'), { kind: 'trap' });
  assert.match(log.join('\n'), /the caller wants a panic/);
  await assert.rejects(fail('sleep'), {
    kind: 'deadline',
    message: 'function callable-fail was ended: it has run for 500 ms, its deadline',
  });
});

test('calls a function of another trigger', async () => {
  const echo = callable(module, 'queue-echo');
  assert.equal((await echo('[1,2]')).text(), '[1,2]');
});
