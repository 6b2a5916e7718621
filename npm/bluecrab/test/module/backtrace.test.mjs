import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from '../source.mjs';

// The guest counts the messages to all threads that start later, also to the bundler's.
const { backtrace } = await source('module/backtrace');
const { call, declare, func, write } = await import('../guest.mjs');

const PANIC = `(func $std::panicking::panic (unreachable))
  (func $orders::price (param i32) (if (local.get 0)
    (then (call $orders::price (i32.sub (local.get 0) (i32.const 1))))
    (else (call $std::panicking::panic))))
  (func $orders::total (call $orders::price (i32.const 20)))
  ${func('f', '(call $orders::total) (i32.const 0)')}`;

const backtraces = ({ log }) => log.filter(([, text]) => text.startsWith('backtrace:'));

for (const run of ['pool', 'auto']) {
  test(`the log shows which functions of a module with names ran (${run})`, async () => {
    const answer = await call(write(PANIC, [declare('f', { run })], { names: true }), 'f');
    assert.equal(answer.status, 500);
    const [[level, text], ...others] = backtraces(answer);
    assert.deepEqual([level, others], ['error', []]);
    const lines = text.split('\n    ');
    assert.deepEqual(lines, ['backtrace:', 'orders::price (21 times)', 'orders::total']);
    assert.equal(Error.stackTraceLimit, 10);
  });

  test(`a module without names has no backtrace (${run})`, async () => {
    const answer = await call(write(PANIC, [declare('f', { run })]), 'f');
    assert.equal(answer.status, 500);
    assert.deepEqual(backtraces(answer), []);
  });
}

test('the backtrace begins with a function that is not of the standard library', () => {
  const std = [
    'std::panicking::begin_panic_handler::{{closure}}',
    '<std::panicking::begin_panic_handler::FormatStringPayload as core::panic::PanicPayload>::take_box',
    '<usize as core::slice::index::SliceIndex<[T]>>::index',
    '<alloc::vec::Vec<T,A> as core::ops::index::Index<I>>::index',
  ];
  const own = ['<orders::Prices as core::ops::index::Index<usize>>::index', 'core::ops::function::Fn::call'];
  const error = new WebAssembly.RuntimeError('unreachable');
  const frames = [...std, ...own].map((name) => `    at ${name} (wasm://wasm/1f3a:wasm-function[12]:0x3fe)`);
  error.stack = ['RuntimeError: unreachable', ...frames].join('\n');
  assert.equal(backtrace(error), ['backtrace:', ...own].join('\n    '));
});
