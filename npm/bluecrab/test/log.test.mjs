// What a guest logs and prints, and which environment variables it can read.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { handler } from 'bluecrab';
import { call, data, declare, ECHO, func, write } from './guest.mjs';
import { fire, writeGuest } from './trigger/guest.mjs';

process.env.BLUECRAB_THREADS = '2';

describe('log', () => {
  test('an entry of bluecrab.log has its level, and a long text is cut off', async () => {
    const text = `(call $log (i32.const 3) (i32.const 1024) (i32.const 5)) (call $log (i32.const 2) (i32.const 0) (i32.const 20000)) (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`;
    const { log } = await call(write(`${data(1024, 'hello')} ${func('f', text)}`, [declare('f')]), 'f');
    assert.deepEqual(log[0], ['warning', 'hello']);
    assert.equal(log[1][1].length, 8192);
  });

  test('the entries of calls at once, on two threads, go to the log of their own invocation', async () => {
    const trigger = { type: 'queueTrigger' };
    const guest = writeGuest(['reply', { trigger, head: ['invocationId'] }]);
    const ids = Array.from({ length: 50 }, (_, index) => `call-${index}`);
    const calls = ids.map((invocationId) => fire(guest, 'reply', Buffer.from('{}\n'), { invocationId }));
    for (const [index, { log }] of (await Promise.all(calls)).entries()) {
      assert.deepEqual(log, [['information', JSON.stringify({ invocationId: ids[index] })]]);
    }
  });

  test('each printed line becomes an entry, even if the guest traps', async () => {
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

  test('if _initialize prints and traps, the line is logged, and the call is answered with 500', async () => {
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

  test('C takes the standard streams for terminals, and no other descriptor', async () => {
    const stat = (descriptor) =>
      `(i32.store (i32.const 1032) (i32.const 0)) (i32.store (i32.const 1100) (call $fd_fdstat_get (i32.const ${descriptor}) (i32.const 1024))) (i32.store8 (i32.const 1101) (i32.load8_u (i32.const 1024))) (i32.store8 (i32.const 1102) (i32.load8_u (i32.const 1032)))`;
    for (const [descriptor, expected] of [
      [0, '\0\x02\x02'],
      [1, '\0\x02\x40'],
      [2, '\0\x02\x40'],
      [3, '\x08\0\0'],
      [-1, '\x08\0\0'],
    ]) {
      const text = `${stat(descriptor)} (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 1100) (i32.const 3))`;
      assert.equal((await call(write(func('f', text), [declare('f')]), 'f')).body, expected);
    }
  });

  const EMPTY = '(call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))';
  const logs = (level, at, length = 1) =>
    `(call $log (i32.const ${level}) (i32.const ${at}) (i32.const ${length}))`;
  const repeat = (count, body) => `(local.set $i (i32.const 0)) (loop $again${count} ${body}
    (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $again${count} (i32.lt_u (local.get $i) (i32.const ${count}))))`;
  const count = (log, level) => log.filter(([given]) => given === level).length;

  for (const run of ['pool', 'auto']) {
    const called = (body) =>
      call(
        write(`${data(1024, 'the last words')} ${func('f', `(local $i i32) ${body}`)}`, [
          declare('f', { run }),
        ]),
        'f',
      );

    test(`a flood leaves room for warnings and errors: ${run}`, async () => {
      const flood = repeat(5000, logs(2, 1024));
      const { log } = await called(`${flood} ${logs(3, 1024, 14)} ${logs(4, 1024, 14)} ${flood} unreachable`);
      assert.equal(count(log, 'information'), 1000);
      assert.match(log[1000][1], /^more than 1000 log entries: the rest is dropped/);
      assert.deepEqual(log.slice(1001, 1003), [
        ['warning', 'the last words'],
        ['error', 'the last words'],
      ]);
      assert.match(log[1003][1], /failed in WebAssembly: unreachable/);
      assert.equal(log.length, 1004);
    });

    test(`a flood of errors leaves room for the last errors: ${run}`, async () => {
      const { log } = await called(`${repeat(5000, logs(4, 1024))} ${logs(5, 1024, 14)} unreachable`);
      assert.equal(count(log, 'error'), 1000 + 100 + 100 + 1);
      assert.deepEqual(log.at(-2), ['error', 'the last words']);
    });

    test(`the first and the last lines of a write with thousands of pieces are logged: ${run}`, async () => {
      const pieces = 8191;
      const vectors = repeat(
        pieces,
        `(i32.store (i32.add (i32.const 2048) (i32.mul (local.get $i) (i32.const 8))) (i32.const 262144))
         (i32.store (i32.add (i32.const 2052) (i32.mul (local.get $i) (i32.const 8))) (i32.const 2000000))`,
      );
      const lines = repeat(
        4000,
        '(i32.store16 (i32.add (i32.const 262144) (i32.mul (local.get $i) (i32.const 500))) (i32.const 2657))',
      );
      const last = `(i32.store (i32.const ${2048 + 8 * (pieces - 1)}) (i32.const 1024)) (i32.store (i32.const ${2052 + 8 * (pieces - 1)}) (i32.const 14))`;
      const print = `(drop (call $fd_write (i32.const 2) (i32.const 2048) (i32.const ${pieces}) (i32.const 520)))`;
      const { status, log } = await called(`${vectors} ${lines} ${last} ${print} ${EMPTY}`);
      assert.equal(status, 200);
      assert.ok(log.length > 1100 && log.length <= 1201, `${log.length} entries`);
      assert.ok(log.at(-1)[1].endsWith('the last words'));
    });
  }

  test('entries below the level are dropped, and the module is told the level', async () => {
    const level = `(global $level (mut i32) (i32.const 9))
      (func (export "bluecrab_log_level") (param i32) (global.set $level (local.get 0)))`;
    const all = [0, 1, 2, 3, 4, 5].map((number) => logs(number, 1024)).join(' ');
    const vector = '(i32.store (i32.const 512) (i32.const 1024)) (i32.store (i32.const 516) (i32.const 1))';
    const print = [1, 2].map(
      (descriptor) =>
        `(drop (call $fd_write (i32.const ${descriptor}) (i32.const 512) (i32.const 1) (i32.const 520)))`,
    );
    const shown = `(i32.store8 (i32.const 1030) (i32.add (i32.const 48) (global.get $level)))
      (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 1030) (i32.const 1))`;
    const text = `${data(1024, 'x')} ${level} ${func('f', `${all} ${vector} ${print.join(' ')} ${shown}`)}`;
    for (const run of ['pool', 'auto']) {
      const file = write(text, [declare('f', { run })]);
      for (const [setting, number, entries] of [
        ['', 2, ['information', 'warning', 'error', 'error', 'information', 'error']],
        ['Trace', 0, ['trace', 'debug', 'information', 'warning', 'error', 'error', 'information', 'error']],
        ['error', 4, ['error', 'error', 'error']],
        ['none', 6, []],
      ]) {
        process.env.BLUECRAB_LOG_LEVEL = setting;
        const { body, log } = await call(file, 'f', '', { functionName: `f-${setting}` });
        assert.equal(body, String(number));
        assert.deepEqual(log.map(([given]) => given).toSorted(), entries.toSorted());
      }
    }
    process.env.BLUECRAB_LOG_LEVEL = 'loud';
    assert.throws(() => handler(write(ECHO, [declare('echo-loud', { export: 'echo' })]), 'echo-loud'), {
      message: /BLUECRAB_LOG_LEVEL is "loud": expected one of trace, debug, .*, none/,
    });
    delete process.env.BLUECRAB_LOG_LEVEL;
  });

  test('a module can read only the environment variables that it declares', async () => {
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
