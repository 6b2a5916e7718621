// Programs that do strange things with their streams, their response and their exports: the call gets a plain answer,
// or the app does not start.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

process.env.BLUECRAB_THREADS = '1';

const { agent, call, listen } = await import('../app.mjs');
const { registerProgram } = await import('bluecrab');
const { folder } = await import('../guest.mjs');
const { residentMiB } = await import('../memory.mjs');
const { print, program, write } = await import('./guest.mjs');

/** At most 1000 entries of any level, 100 warnings and errors, the last 100 of these, and one that says so. */
const MAX_ENTRIES = 1201;

const fields = (count, first) =>
  `${first}\n${Array.from({ length: count }, (_, index) => `X-${index}: a\n`).join('')}\nbody`;

/** Outputs of a program, by the name of its function. */
const outputs = {
  'many-fields': fields(10_000, 'Content-Type: text/html'),
  'many-fields-late': fields(10_000, 'X: a'),
  'many-fields-at-the-end': fields(10_000, 'X: a').replace('\n\n', '\nStatus: 404\n\n'),
  'line-breaks': 'Content-Type: text/html\rSet-Cookie: a=1\n\nbody',
  nul: 'Content-Type: text/html\0\n\nbody',
  'nul-in-a-name': 'Content-Type: text/html\nX\0: a\n\nbody',
  'no-content': 'Status: 204\n\na body that must not be sent',
  'not-modified': 'Status: 304 Not Modified\nETag: "a"\n\na body that must not be sent',
  informational: 'Status: 101 Switching Protocols\nUpgrade: websocket\n\n',
  'two-statuses': 'Status: 404\nStatus: 500\n\nbody',
  'no-end': `Content-Type: text/html\n${'X: a\n'.repeat(20_000)}`,
  'long-line': `Content-Type: ${'a'.repeat(100_000)}\n\nbody`,
};

const writes = (from, to) => `${print(1, 'before')} ${from} ${print(to, 'after', 1)}`;
const texts = ['before', 'after'];

before(async () => {
  for (const [name, text] of Object.entries(outputs)) {
    const pages = Math.ceil((1024 + text.length) / 65_536) + 1;
    registerProgram(program(print(1, text), { texts: [text], pages }), { name });
  }
  const closes = (number) => `(drop (call $fd_close (i32.const ${number})))`;
  registerProgram(program(writes(closes(1), 1), { texts }), { name: 'closes-its-output' });
  registerProgram(program(writes(closes(2), 2), { texts }), { name: 'closes-its-log' });
  registerProgram(program(`${closes(0)} (call $copy)`), { name: 'closes-its-input' });
  const moves = '(drop (call $fd_renumber (i32.const 1) (i32.const 2)))';
  registerProgram(program(writes(moves, 2), { texts }), { name: 'moves-its-output' });
  // 16,384 pieces of 64 KiB.
  const flood = `(local.set $i (i32.const 16384)) (loop $again (call $print (i32.const 2) (i32.const 0) (i32.const 65536))
    (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`;
  registerProgram(program(`${flood} ${print(1, 'done')}`, { texts: ['done'] }), { name: 'floods-its-log' });
  registerProgram(program(`${print(2, 'half a line')}`, { texts: ['half a line'] }), { name: 'half-a-line' });
  const memory = '(memory (export "memory") 1)';
  const main = '(func (export "_start"))';
  registerProgram(write(`${memory} ${main} (func $f (loop $again (br $again))) (start $f)`), {
    name: 'loops-at-its-start',
    timeoutMs: 200,
  });
  registerProgram(write(`${memory} ${main} (func $f (call $f) (drop (i32.const 1))) (start $f)`), {
    name: 'calls-itself-at-its-start',
  });
  registerProgram(write(`${memory} (func (export "_start") (param i64))`), { name: 'has-parameters' });
  registerProgram(program(print(1, 'good'), { texts: ['good'] }), { name: 'good' });
  await listen();
});
after(() => {
  agent.destroy();
  setImmediate(() => process.exit());
});

const answer = async (name, body) => {
  const given = await call(name, body);
  assert.equal((await call('good')).body.toString(), 'good');
  return given;
};

describe('a head of CGI', () => {
  for (const name of ['many-fields', 'no-end']) {
    test(`that is too long fails the call: ${name}`, async () => {
      const { status, log } = await answer(name);
      assert.equal(status, 500);
      assert.match(log.at(-1)[1], /the head of its CGI response has more than 65536 bytes or 1000 fields/);
    });
  }

  for (const name of [
    'many-fields-late',
    'many-fields-at-the-end',
    'line-breaks',
    'nul',
    'nul-in-a-name',
    'long-line',
  ]) {
    test(`that is wrong is a text: ${name}`, async () => {
      const { status, headers, body } = await answer(name);
      assert.deepEqual([status, headers['content-type']], [200, 'text/plain; charset=utf-8']);
      assert.equal(headers['set-cookie'], undefined);
      assert.equal(body.toString(), outputs[name]);
    });
  }

  for (const [name, expected] of [
    ['no-content', 204],
    ['not-modified', 304],
  ]) {
    test(`may have a status without a body: ${name}`, async () => {
      const { status, body } = await answer(name);
      assert.deepEqual([status, body.length], [expected, 0]);
    });
  }

  test('has the first of two statuses', async () => {
    assert.equal((await answer('two-statuses')).status, 404);
  });

  test('cannot switch protocols', async () => {
    const { status, log } = await answer('informational');
    assert.equal(status, 500);
    assert.match(log.at(-1)[1], /the Status of its CGI response is "101 Switching Protocols"/);
  });
});

describe('a program', () => {
  test('that closes its output and writes on has what it wrote before', async () => {
    const { status, body } = await answer('closes-its-output');
    assert.deepEqual([status, body.toString()], [200, 'before']);
  });

  test('that closes its input or its log runs on', async () => {
    assert.deepEqual((await answer('closes-its-input', 'body')).body.length, 0);
    const { body, log } = await answer('closes-its-log');
    assert.deepEqual([body.toString(), log], ['before', []]);
  });

  test('that moves its output to the place of its log writes on', async () => {
    const { body, log } = await answer('moves-its-output');
    assert.deepEqual([body.toString(), log], ['beforeafter', []]);
  });

  test('that writes 1 GiB into its log is answered, and the log stays short', async () => {
    const before = await residentMiB();
    const { status, body, log } = await answer('floods-its-log');
    assert.deepEqual([status, body.toString()], [200, 'done']);
    assert.ok(log.length <= MAX_ENTRIES, `${log.length} entries`);
    assert.ok((await residentMiB(before + 300)) < before + 300, 'the log is kept in memory');
  });

  test('that does not end its last line has it in the log', async () => {
    assert.deepEqual((await answer('half-a-line')).log, [['error', 'half a line']]);
  });

  test('that loops before its main ends at its deadline', async () => {
    assert.equal((await answer('loops-at-its-start')).status, 504);
  });

  for (const [name, reason] of [
    ['calls-itself-at-its-start', /Maximum call stack size exceeded/],
    ['has-parameters', /Cannot convert undefined to a BigInt/],
  ]) {
    test(`that cannot start fails its call: ${name}`, async () => {
      const { status, log } = await answer(name);
      assert.equal(status, 500);
      assert.match(log.at(-1)[1], reason);
    });
  }
});

/** A module with a memory of these limits, which it imports or has. */
const withMemory = (limits, isImported) => {
  const section = (id, bytes) => [id, bytes.length, ...bytes];
  const text = (value) => [value.length, ...Buffer.from(value)];
  const memory = isImported
    ? section(2, [1, ...text('env'), ...text('memory'), 2, ...limits])
    : section(5, [1, ...limits]);
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...memory]);
};

describe('a program is refused', () => {
  const memory = '(memory (export "memory") 1)';
  for (const [what, text, message] of [
    [
      '_start is a global',
      `${memory} (global (export "_start") i32 (i32.const 0))`,
      /exports no function _start/,
    ],
    ['_start is a memory', '(memory (export "_start") (export "memory") 1)', /exports no function _start/],
    [
      'it has something else by the name of a start function',
      `${memory} (func (export "_start")) (global (export "bluecrab start") i32 (i32.const 0))`,
      /exports "bluecrab start", a name that is kept for its start function/,
    ],
    [
      'its memory is a table',
      '(table (export "memory") 1 funcref) (func (export "_start"))',
      /exports no memory/,
    ],
  ]) {
    test(`if ${what}`, () => {
      assert.throws(() => registerProgram(write(text), { name: 'refused' }), { message });
    });
  }

  for (const [what, bytes, message] of [
    ['its memory is shared', withMemory([3, 1, 2], false), /its memory is shared/],
    ['its memory is 64-bit', withMemory([4, 1], false), /its memory is 64-bit/],
    ['it imports a shared memory', withMemory([3, 1, 2], true), /imports env\.memory \(memory\)/],
    [
      'it imports a 64-bit memory',
      withMemory([4, 1], true),
      /imports env\.memory|is not a WebAssembly module/,
    ],
  ]) {
    test(`if ${what}`, () => {
      const file = join(folder, `refused.wasm`);
      writeFileSync(file, bytes);
      assert.throws(() => registerProgram(file, { name: 'refused' }), { message });
    });
  }
});
