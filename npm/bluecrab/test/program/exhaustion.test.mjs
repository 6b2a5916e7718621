// Programs that ask for as much work and memory of the host as they can with a few calls of WASI. A call gets an answer or
// ends at its deadline, and good calls beside it are not disturbed.

import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, test } from 'node:test';

process.env.BLUECRAB_THREADS = '3';

const { agent, call, listen } = await import('../app.mjs');
const { registerProgram } = await import('bluecrab');
const { print, printStrings, program } = await import('./guest.mjs');
const { residentMiB } = await import('../memory.mjs');

const MIB = 1 << 20;
/** At most 1000 entries of any level, 100 warnings and errors, the last 100 of these, and one that says so. */
const MAX_ENTRIES = 1201;
/** Several connections, so that calls run at once. */
const connections = new Agent({ keepAlive: true });

const RANDOM =
  '(import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))';

const forEver = (body) => `(loop $for_ever ${body} (br $for_ever))`;
const times = (count, body) => `(local.set $i (i32.const ${count}))
  (loop $again ${body} (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`;
/** Prints a number below 100,000, with a zero byte before it. */
const printNumber = (number) =>
  `(i32.store (i32.const 512) ${number}) (call $print (i32.const 1) (i32.const 512) (i32.const 4))`;

/** Subscribes to a million clocks that are due. */
const POLL = '(call $poll_oneoff (i32.const 65536) (i32.const 49000000) (i32.const 1000000) (i32.const 32))';
const POLL_PAGES = 1300;

/** Writes 8000 vectors, each the whole memory of 1 MiB: 8 GB in one call. */
const writeMemory = (to) => `(local.set $i (i32.const 8000))
  (loop $again
    (i32.store (i32.add (i32.const 65532) (i32.mul (local.get $i) (i32.const 8))) (i32.const ${MIB}))
    (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
  (drop (call $fd_write (i32.const ${to}) (i32.const 65536) (i32.const 8000) (i32.const 8)))`;

before(async () => {
  const register = (name, body, { options, ...more } = {}) =>
    registerProgram(program(body, more), { name, ...options });
  const short = { timeoutMs: 300 };
  register('polls', `(drop ${POLL}) ${printNumber('(i32.load (i32.const 32))')}`, { pages: POLL_PAGES });
  register('polls-for-ever', forEver(`(drop ${POLL})`), { pages: POLL_PAGES, options: short });
  const everything = '(call $random_get (i32.const 0) (i32.const -1))';
  register('wants-4-gib-of-random-bytes', printNumber(everything), { imports: RANDOM });
  const memory = '(drop (call $random_get (i32.const 0) (i32.const 67108864)))';
  register('wants-random-bytes-for-ever', forEver(memory), { imports: RANDOM, pages: 1024, options: short });
  register('writes-8-gb', writeMemory(1), { pages: 16, options: { maxOutputBytes: 64 * MIB } });
  register('logs-8-gb', `${writeMemory(2)} ${print(1, 'done')}`, { texts: ['done'], pages: 16 });
  const line = `X: ${'a'.repeat(60)}\n`;
  const head = `${print(1, 'Content-Type: text/html\n')} ${times(400_000, print(1, line, 1))}`;
  register('has-a-head-of-25-mb', head, { texts: ['Content-Type: text/html\n', line] });
  register('has-long-arguments', printStrings('args'), {
    pages: 40,
    options: { args: Array(8).fill('a'.repeat(MIB / 4)) },
  });
  register(
    'has-too-little-memory-for-its-arguments',
    printNumber('(call $args_get (i32.const 1024) (i32.const 2048))'),
    {
      options: { args: ['a'.repeat(MIB)] },
    },
  );
  // A read overwrites the vectors that the rest of it uses.
  const overlap = `(i32.store (i32.const 64) (i32.const 64)) (i32.store (i32.const 68) (i32.const 4096))
    ${printNumber('(call $fd_read (i32.const 0) (i32.const 64) (i32.const 100) (i32.const 16))')}`;
  register('reads-into-its-vectors', overlap);
  register('loops', forEver(''), { options: short });
  register('floods', forEver('(call $print (i32.const 1) (i32.const 0) (i32.const 65536))'), {
    options: { maxOutputBytes: 32 * MIB },
  });
  register('copies', '(call $copy)');
  await listen();
});
after(() => {
  agent.destroy();
  connections.destroy();
  setImmediate(() => process.exit());
});

/** The number that a program has printed. */
const number = ({ status, body }) => {
  assert.deepEqual([status, body.length], [200, 4]);
  return body.readInt32LE();
};

describe('a program', () => {
  test('that waits for a million clocks at once gets its events, and can be ended', async () => {
    const before = await residentMiB();
    assert.equal(number(await call('polls')), 1_000_000);
    assert.equal((await call('polls-for-ever')).status, 504);
    assert.ok((await residentMiB(before + 500)) < before + 500, 'the subscriptions are kept in memory');
  });

  test('that asks for more random bytes than it has memory gets an error, and can be ended', async () => {
    const EFAULT = 21;
    assert.equal(number(await call('wants-4-gib-of-random-bytes')), EFAULT);
    assert.equal((await call('wants-random-bytes-for-ever')).status, 504);
  });

  test('that writes its memory thousands of times in one call is stopped, or its log stays short', async () => {
    const { status, log } = await call('writes-8-gb');
    assert.equal(status, 500);
    assert.match(log.at(-1)[1], /it wrote more than 67108864 bytes/);
    const given = await call('logs-8-gb');
    assert.deepEqual([given.status, given.body.toString()], [200, 'done']);
    assert.ok(given.log.length <= MAX_ENTRIES, `${given.log.length} entries`);
  });

  test('with a head of 25 MB fails', async () => {
    const { status, log } = await call('has-a-head-of-25-mb');
    assert.equal(status, 500);
    assert.match(log.at(-1)[1], /the head of its CGI response has more than/);
  });

  test('gets arguments of 2 MiB, or an error if they do not fit into its memory', async () => {
    const { status, body } = await call('has-long-arguments');
    assert.equal(status, 200);
    assert.ok(body.length > 2 * MIB && body.toString().endsWith('a\0'));
    const EFAULT = 21;
    assert.equal(number(await call('has-too-little-memory-for-its-arguments')), EFAULT);
  });

  test('that reads into its own vectors stays within its memory', async () => {
    const [SUCCESS, EFAULT] = [0, 21];
    assert.equal(number(await call('reads-into-its-vectors', Buffer.alloc(10_000, 0xff))), EFAULT);
    assert.equal(number(await call('reads-into-its-vectors', Buffer.alloc(10_000))), SUCCESS);
  });
});

test('programs that loop and flood their output do not disturb good calls beside them', async () => {
  const options = { agent: connections };
  for (let round = 0; round < 5; round++) {
    const bodies = Array.from({ length: 4 }, (_, index) => `${round} ${index} `.repeat(20_000));
    const [loops, floods, ...good] = await Promise.all([
      call('loops', '', options),
      call('floods', '', options),
      ...bodies.map((body) => call('copies', body, options)),
    ]);
    assert.deepEqual([loops.status, floods.status], [504, 500]);
    for (const [index, body] of bodies.entries()) {
      assert.equal(good[index].status, 200);
      assert.equal(good[index].body.toString(), body);
    }
  }
});
