// The threads run a function's example before its first call. A failing example does no harm.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handler } from 'bluecrab';
import { call, data, declare, func, write } from '../guest.mjs';

const THREADS = 2;
process.env.BLUECRAB_THREADS = String(THREADS);

/** What the library has printed. */
const printed = [];
/** Called after each text that the library prints. */
let onPrint = () => {};
console.error = (text) => {
  printed.push(text);
  onPrint();
};

/** Waits until the library has printed this text this many times. */
async function times(count, pattern) {
  while (printed.filter((text) => pattern.test(text)).length < count) {
    await new Promise((resolve) => {
      onPrint = resolve;
    });
  }
}

/** Answers with the number of examples that this instance has run. */
const COUNT = `(global $examples (mut i32) (i32.const 0)) ${func(
  'count',
  `(i32.store (i32.const 1024) (global.get $examples))
   (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 1))`,
)}`;
const example = (name, body) => `(func (export "${name}") ${body})`;
const log = (level) => `(call $log (i32.const ${level}) (i32.const 2048) (i32.const 6))`;

test('each thread runs the examples once, whatever they log or however they fail', async () => {
  const file = write(
    `${data(2048, 'warmed')} ${COUNT}
     ${example('adds', `(global.set $examples (i32.add (global.get $examples) (i32.const 1))) ${log(2)} ${log(4)}`)}
     ${example('traps', 'unreachable')}`,

    [
      { ...declare('traps', { warmUp: 'traps' }), export: 'count' },
      declare('count', { warmUp: 'adds' }),
      { ...declare('other'), export: 'count' },
    ],
  );
  for (const name of ['traps', 'count', 'other']) handler(file, name);
  // Keeps this process alive: the library does not.
  const alive = setInterval(() => {}, 1000);
  await times(THREADS, /^the warm-up of count: warmed$/);
  clearInterval(alive);
  const calls = Array.from({ length: THREADS * 2 }, () => call(file, 'other'));
  for (const { status, bytes } of await Promise.all(calls)) assert.deepEqual([status, bytes[0]], [200, 1]);
  assert.deepEqual(
    printed,
    Array(THREADS)
      .fill(['the warm-up of traps: it failed: unreachable', 'the warm-up of count: warmed'])
      .flat(),
  );
});
