// What a guest logs and prints, and what it sees of its process.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { call, data, declare, ECHO, func, write } from './guest.mjs';

describe('log', () => {
  test('bluecrab.log keeps its level, and long texts are cut', async () => {
    const text = `(call $log (i32.const 3) (i32.const 1024) (i32.const 5)) (call $log (i32.const 2) (i32.const 0) (i32.const 20000)) (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`;
    const { log } = await call(write(`${data(1024, 'hello')} ${func('f', text)}`, [declare('f')]), 'f');
    assert.deepEqual(log[0], ['warning', 'hello']);
    assert.equal(log[1][1].length, 8192);
  });

  test('what is printed becomes lines, also when the guest traps', async () => {
    const print = (descriptor) =>
      `(drop (call $fd_write (i32.const ${descriptor}) (i32.const 512) (i32.const 1) (i32.const 520)))`;
    const vector = '(i32.store (i32.const 512) (i32.const 1024)) (i32.store (i32.const 516) (i32.const 8))';
    const file = write(
      `${data(1024, 'one\ntwo\n')} ${func('f', `${vector} ${print(1)} ${print(2)} unreachable`)}`,
      [declare('f')],
    );
    const { log } = await call(file, 'f');
    assert.deepEqual(log.slice(0, 4), [
      ['information', 'one'],
      ['information', 'two'],
      ['error', 'one'],
      ['error', 'two'],
    ]);
  });

  test('what _initialize printed before its trap is logged, and the call is a 500', async () => {
    const start = `(func (export "_initialize")
      (i32.store (i32.const 512) (i32.const 1024)) (i32.store (i32.const 516) (i32.const 4))
      (drop (call $fd_write (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 520))) unreachable)`;
    const { status, log } = await call(
      write(`${data(1024, 'oops')} ${ECHO} ${start}`, [declare('echo')]),
      'echo',
    );
    assert.equal(status, 500);
    assert.deepEqual(log[0], ['error', 'oops']);
  });

  test('standard output and error are terminals to C, no other descriptor is', async () => {
    const stat = (descriptor) =>
      `(i32.store (i32.const 1032) (i32.const 0)) (i32.store (i32.const 1100) (call $fd_fdstat_get (i32.const ${descriptor}) (i32.const 1024))) (i32.store8 (i32.const 1101) (i32.load8_u (i32.const 1024))) (i32.store8 (i32.const 1102) (i32.load8_u (i32.const 1032)))`;
    for (const [descriptor, expected] of [
      [0, '\0\x02\0'],
      [1, '\0\x02\x40'],
      [2, '\0\x02\x40'],
      [3, '\x08\0\0'],
      [-1, '\x08\0\0'],
    ]) {
      const text = `${stat(descriptor)} (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 1100) (i32.const 3))`;
      assert.equal((await call(write(func('f', text), [declare('f')]), 'f')).body, expected);
    }
  });

  test('a flood is dropped after a thousand entries', async () => {
    const loop =
      '(local $i i32) (loop $again (call $log (i32.const 2) (i32.const 1024) (i32.const 1)) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $again (i32.lt_u (local.get $i) (i32.const 5000)))) (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))';
    const { log } = await call(write(func('f', loop), [declare('f')]), 'f');
    assert.equal(log.length, 1001);
    assert.equal(log.at(-1)[0], 'warning');
  });

  test('the environment has only the declared names', async () => {
    process.env.GUEST_SEES = 'yes';
    const text =
      '(drop (call $environ_sizes_get (i32.const 1024) (i32.const 1028))) (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 4))';
    for (const [env, expected] of [
      [[], '\0\0\0\0'],
      [['GUEST_SEES', 'NOT_SET_ANYWHERE'], '\x01\0\0\0'],
    ]) {
      assert.equal((await call(write(func('f', text), [declare('f', { env })]), 'f')).body, expected);
    }
  });
});
