import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, merged, result, serverTiming, size, stages } from '../../src/page/files/format.mjs';

test('formats times and sizes', () => {
  const times = [null, 0.004, 0.42, 9.876, 31.24, 312.4, 1250, 61_000].map(duration);
  assert.deepEqual(times, ['', '0.00 ms', '0.42 ms', '9.88 ms', '31.2 ms', '312 ms', '1.25 s', '61.0 s']);
  assert.deepEqual([null, 0, 1023, 1536, 5 << 20].map(size), ['', '0 B', '1023 B', '1.5 KiB', '5.0 MiB']);
});

test('splits the time of an invocation into stages', () => {
  const http = {
    sent: 0.5,
    answered: 3,
    ended: 3.25,
    serverTiming: 'queue;dur=0.25, compute;dur=2;desc="a, b", cache',
  };
  assert.deepEqual(stages(http), [
    { name: 'before the function', ms: 0.5 },
    { name: 'function', ms: 2.5 },
    { name: 'queue', ms: 0.25, isPart: true },
    { name: 'compute', ms: 2, isPart: true },
    { name: 'sending the response', ms: 0.25 },
  ]);
  const other = { sent: null, answered: null, ended: 7, serverTiming: null };
  assert.deepEqual(stages(other), [{ name: 'function', ms: 7 }]);
  assert.deepEqual(stages({ ...http, ended: null }), []);
  assert.deepEqual(serverTiming('a;dur="1.5", b;desc=dur=x'), [{ name: 'a', ms: 1.5, isPart: true }]);
});

test('says how an invocation ended', () => {
  const words = [
    { state: 'failed', status: 500 },
    { state: 'failed', status: null },
    { state: 'abandoned', status: null },
  ];
  assert.deepEqual(words.map(result), ['500', 'failed', 'abandoned']);
});

test('keeps the newest invocations, and those that are open', () => {
  const call = (number, state) => ({ number, state });
  let calls = merged([], { isAll: true, calls: [call(0, 'running'), call(1, 'running')] }, 3, () => false);
  calls = merged(calls, { isAll: false, calls: [call(1, 'failed'), call(2, 'running')] }, 3, () => false);
  assert.deepEqual(calls, [call(2, 'running'), call(1, 'failed'), call(0, 'running')]);
  calls = merged(calls, { isAll: false, calls: [call(3), call(4)] }, 2, (number) => number === 1);
  assert.deepEqual(
    calls.map(({ number }) => number),
    [4, 3, 1],
  );
  assert.deepEqual(
    merged(calls, { isAll: true, calls: [] }, 2, () => true),
    [],
  );
});
