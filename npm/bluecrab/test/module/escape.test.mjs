// What a module cannot do to the process that runs it.

import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { handler } from 'bluecrab';
import { call, data, declare, ECHO, folder, func, write } from '../guest.mjs';

const answer = (body = 0, length = 0) =>
  `(call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const ${body}) (i32.const ${length}))`;
const refused = (file, reason) => assert.throws(() => handler(file, 'echo'), { message: reason });
const echo = (text, options) => write(`${ECHO} ${text}`, [declare('echo')], options);

describe('tables', () => {
  test('are refused if they start with too many entries', () => {
    refused(
      echo('(table 10000000 externref)'.repeat(60)),
      /its tables have 600000000 entries from the start/,
    );
    refused(echo('(table 60000 externref) (table 40001 funcref)'), /100001 entries from the start; the most/);
  });

  test('cannot grow past the limit together', async () => {
    for (const [tables, minimum] of [
      [1, 9000],
      [60, 1000],
      [60, 0],
    ]) {
      const all = Array.from({ length: tables }, (_, index) => index);
      const grow = all.map(
        (index) => `(local.set $step (i32.const 65536))
          (loop $again
            (if (i32.eq (table.grow $t${index} (ref.null extern) (local.get $step)) (i32.const -1))
              (then (local.set $step (i32.shr_u (local.get $step) (i32.const 1)))))
            (br_if $again (local.get $step)))
          (local.set $total (i32.add (local.get $total) (table.size $t${index})))`,
      );
      const text = `${all.map((index) => `(table $t${index} ${minimum} externref)`).join('')}
        ${func('echo', `(local $step i32) (local $total i32) ${grow.join('')} (i32.store (i32.const 1024) (local.get $total)) ${answer(1024, 4)}`)}`;
      const { status, bytes } = await call(write(text, [declare('echo')]), 'echo');
      assert.equal(status, 200);
      const total = bytes.readUInt32LE();
      assert.ok(total > 99_900 && total <= 100_000, `${tables} tables have ${total} entries`);
    }
  });

  test('keep their own maximum if it is lower', async () => {
    const run = `(i32.store (i32.const 1024) (i32.add (table.grow $t (ref.null func) (i32.const 6)) (i32.const 66)))
      (i32.store8 (i32.const 1025) (i32.add (table.grow $t (ref.null func) (i32.const 5)) (i32.const 65)))`;
    const text = `(table $t 3 8 funcref) ${func('echo', `${run} ${answer(1024, 2)}`)}`;
    assert.equal((await call(write(text, [declare('echo')]), 'echo')).body, 'AD');
  });

  test('are refused if the element segments are longer than 1 MiB', () => {
    const segment = `(elem func ${'$f '.repeat(100_000)})`;
    refused(
      echo(`(func $f) ${segment.repeat(11)}`),
      /its element segments have 11000\d\d bytes; the most is 1048576/,
    );
    assert.doesNotThrow(() => handler(echo(`(func $f) ${segment}`), 'echo'));
  });
});

describe('memories', () => {
  const header = (memory) => `(memory (export "memory") ${memory})
    (func (export "bluecrab_alloc") (param i32) (result i32) (i32.const 1024))`;
  const module = (memory, features) =>
    write(func('echo', 'unreachable'), [declare('echo')], { header: header(memory), features });

  test('are refused if they are shared or 64-bit', () => {
    refused(module('1 2 shared', { threads: true }), /is refused: its memory is shared, which docs\/abi.md/);
    refused(module('i64 1', { memory64: true }), /is refused: its memory is 64-bit/);
  });

  test('are refused if there are several, or if they are too large', () => {
    const two = `${header('1')} (memory 1)`;
    refused(
      write(func('echo', 'unreachable'), [declare('echo')], {
        header: two,
        features: { multi_memory: true },
      }),
      /it has 2 memories; one is allowed/,
    );
    refused(module('16385'), /has 1073807360 bytes from the start, more than the 1073741824/);
  });
});

test('types of garbage-collected objects are refused', () => {
  for (const [index, type] of [
    [0x5f, 0],
    [0x5e, 0x7f, 0],
    [0x4e, 1, 0x60, 0, 0],
  ].entries()) {
    const file = join(folder, `collected${index}.wasm`);
    const section = [1, type.length + 1, 1, ...type];
    writeFileSync(file, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...section));
    writeFileSync(file.replace('.wasm', '.functions.json'), JSON.stringify(declare('echo')));
    // Node.js 20 does not support them.
    refused(
      file,
      /types of garbage-collected objects, whose memory cannot be limited|is not a WebAssembly module/,
    );
  }
});

describe('functions', () => {
  const locals = (count) => `(local ${'i64 '.repeat(count)})`;
  const block = '(block (br_if 0 (local.get $head)))';
  const module = (...parts) => write(func('echo', parts.join(' ')), [declare('echo')]);

  test('that are too long for the engine are refused', () => {
    const call = '(drop (call_indirect (param i32) (result i32) (i32.const 0) (i32.const 0)))';
    const many = (count) => module(call.repeat(count), '(i32.const 0)', ') (table 1 funcref) (func $last');
    refused(many(80_000), /its function 2 \(imports not counted\) has \d{6} bytes; the most is 524288/);
    assert.doesNotThrow(() => handler(many(30_000), 'echo'));
  });

  test('with too many local variables for their blocks are refused', () => {
    refused(
      module(locals(40_000), block.repeat(1000), '(i32.const 0)'),
      /its function 2 \(imports not counted\) is too complex: with its 40000 local variables/,
    );
    assert.doesNotThrow(() => handler(module(locals(40_000), block.repeat(20), '(i32.const 0)'), 'echo'));
    assert.doesNotThrow(() => handler(module(locals(400), block.repeat(2000), '(i32.const 0)'), 'echo'));
  });

  test('that globals refer to have a bound', () => {
    const globals = '(global funcref (ref.func $f))'.repeat(220_000);
    refused(
      echo(`(func $f) ${globals}`, { features: { reference_types: true } }),
      /its globals have 11\d{5} bytes; the most is 1048576/,
    );
  });
});

test('a module of too many sections is refused', () => {
  const file = echo('');
  appendFileSync(file, Buffer.alloc(3 * 1_000_000, Buffer.of(0, 1, 0)));
  refused(file, /guest\d+\.wasm is refused: it has more than 1000 sections/);
});

describe('a start function', () => {
  test('may use every import', async () => {
    const start = `(func $begin
      (call $log (i32.const 3) (i32.const 2048) (i32.const 7))
      (i32.store (i32.const 512) (i32.const 2048)) (i32.store (i32.const 516) (i32.const 7))
      (drop (call $fd_write (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 520))))
      (start $begin) ${data(2048, 'started')}`;
    for (const run of ['pool', 'auto']) {
      const { status, body, log } = await call(
        write(`${ECHO} ${start}`, [declare('echo', { run })]),
        'echo',
        'x',
      );
      assert.deepEqual([status, body], [200, 'x']);
      assert.deepEqual(log, [
        ['warning', 'started'],
        ['information', 'started'],
      ]);
    }
  });

  test('that traps fails every call with 500', async () => {
    const file = echo('(func $begin unreachable) (start $begin)');
    for (let count = 0; count < 2; count++) {
      const { status, log } = await call(file, 'echo');
      assert.equal(status, 500);
      assert.match(log.at(-1)[1], /unreachable/);
    }
  });
});

test('an exception that the module does not catch fails the call, and the log says so', async () => {
  for (const run of ['pool', 'auto']) {
    const text = `(tag $thrown) ${func('echo', '(throw $thrown)')}`;
    const file = write(text, [declare('echo', { run })], { features: { exceptions: true } });
    const { status, log } = await call(file, 'echo');
    assert.equal(status, 500);
    assert.match(log[0][1], /the module threw an exception that it does not catch$/);
  }
});

describe('an exit', () => {
  const WASI = (name, type) => `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`;
  const exits = `${WASI('proc_exit', '(param i32)')}
    (memory (export "memory") 1) (func (export "bluecrab_alloc") (param i32) (result i32) (i32.const 1024))`;
  const record = '(i32.store (i32.const 0) (i32.const 200)) (i32.const 0)';
  for (const run of ['pool', 'auto']) {
    for (const [what, after] of [
      ['answers', ''],
      ['loops for ever', '(loop $ever (br $ever))'],
      ['exits again', '(call $proc_exit (i32.const 8))'],
    ]) {
      test(`fails the call even if the guest catches it and ${what}: ${run}`, async () => {
        const caught = `(try (do (call $proc_exit (i32.const 7))) (catch_all ${after})) ${record}`;
        const file = write(func('f', caught), [declare('f', { run, timeoutMs: 2000 })], {
          header: exits,
          features: { exceptions: true },
        });
        const { status, log } = await call(file, 'f');
        assert.equal(status, 500);
        assert.match(log[0][1], /the module ended itself with exit code 7$/);
      });
    }
  }
});

describe('a wait for a clock', () => {
  /** Sleeps for this many nanoseconds, then returns the event. */
  const sleeps = (nanoseconds, timeoutMs = 60_000) => {
    const header = `(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (func (export "bluecrab_alloc") (param i32) (result i32) (i32.const 1024))`;
    const text = `(i64.store (i32.const 64) (i64.const 99))
      (i32.store (i32.const 80) (i32.const 1)) (i64.store (i32.const 88) (i64.const ${nanoseconds}))
      (i32.store (i32.const 0) (i32.add (i32.const 200) (call $poll (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 160))))
      (i32.store (i32.const 12) (i32.const 128)) (i32.store (i32.const 16) (i32.const 36)) (i32.const 0)`;
    return write(func('f', text), [declare('f', { run: 'pool', timeoutMs })], { header });
  };
  const event = Buffer.alloc(36);
  event.writeUInt8(99, 0);
  event.writeUInt8(1, 32);

  test('takes the requested time on a worker thread', async () => {
    const begin = performance.now();
    const { status, body } = await call(sleeps(50_000_000), 'f');
    assert.deepEqual([status, body], [200, event.toString()]);
    assert.ok(performance.now() - begin >= 49);
  });

  test('ends at the deadline of its call', async () => {
    assert.equal((await call(sleeps(3_600_000_000_000, 300), 'f')).status, 504);
    assert.equal((await call(sleeps(0), 'f')).status, 200);
  });
});
