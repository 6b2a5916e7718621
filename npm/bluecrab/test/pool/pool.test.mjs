import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import workerThreads from 'node:worker_threads';

const THREADS = 2;
const QUEUED = 2;
process.env.BLUECRAB_THREADS = String(THREADS);
process.env.BLUECRAB_QUEUE = String(QUEUED);
process.env.BLUECRAB_RECYCLE_BYTES = String(100 * 65_536);
process.env.BLUECRAB_TIMEOUT_SHORT_BY_SETTING = '100ms';

/** All threads of this process, so that a test can end one. */
const threads = new Set();
workerThreads.Worker = class extends workerThreads.Worker {
  constructor(...args) {
    super(...args);
    threads.add(this);
    this.once('exit', () => threads.delete(this));
  }
};

const { call, data, declare, ECHO, func, write } = await import('../guest.mjs');

const PAGE = 65_536;
const answer = (status) => `(call $record ${status} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`;
const LOOP = func('loop', '(loop $forever (br $forever)) unreachable');
/** Computes long enough for a test to notice. */
const BUSY = func(
  'busy',
  `(local $i i32) (loop $more (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200000000)))) ${answer('(i32.const 200)')}`,
);

describe('deadlines', () => {
  const file = write(
    `${data(1024, 'began')} ${ECHO} ${LOOP} ${func('says', `(call $log (i32.const 2) (i32.const 1024) (i32.const 5)) (loop $forever (br $forever)) unreachable`)}`,
    [
      declare('echo'),
      declare('loop', { timeoutMs: 200 }),
      declare('says', { timeoutMs: 2000 }),
      { ...declare('short-by-setting'), export: 'loop' },
    ],
  );

  test('an endless loop is answered with 504, and other calls are not delayed', async () => {
    const looping = call(file, 'loop');
    for (let count = 0; count < 20; count++) assert.equal((await call(file, 'echo', 'x')).body, 'x');
    const { status, body, log } = await looping;
    assert.equal(status, 504);
    assert.match(body, /before its deadline/);
    assert.match(log.at(-1)[1], /loop was ended: it has run for 200 ms/);
    assert.equal((await call(file, 'echo', 'x')).body, 'x');
  });

  test('endless loops on all threads delay other calls only until their deadline', async () => {
    const loops = Array.from({ length: THREADS }, () => call(file, 'loop'));
    assert.equal((await call(file, 'echo', 'late')).body, 'late');
    for (const { status } of await Promise.all(loops)) assert.equal(status, 504);
  });

  test('entries that were logged before the deadline are kept', async () => {
    const { log } = await call(file, 'says');
    assert.deepEqual(log[0], ['information', 'began']);
  });

  test('an app setting changes a deadline', async () => {
    assert.match((await call(file, 'short-by-setting')).log[0][1], /100 ms/);
  });
});

test('a full queue is answered with 503 at once, and waiting calls are served', async () => {
  const file = write(BUSY, [declare('busy')]);
  await call(file, 'busy');
  const calls = Array.from({ length: 10 }, () => call(file, 'busy'));
  const answers = await Promise.all(calls);
  const [served, refused] = [200, 503].map((wanted) => answers.filter(({ status }) => status === wanted));
  assert.equal(served.length, THREADS * (1 + QUEUED));
  assert.equal(refused.length, 10 - served.length);
  assert.equal(new Map(Object.entries(refused[0].headers)).get('retry-after'), '1');
  assert.equal((await call(file, 'busy')).status, 200);
});

test('if a thread ends, its call fails, and the thread is replaced', async () => {
  const file = write(`${ECHO} ${LOOP}`, [declare('echo'), declare('loop')]);
  const looping = call(file, 'loop');
  await sleep(100);
  await Promise.all([...threads].map((thread) => thread.terminate()));
  const { status, log } = await looping;
  assert.equal(status, 500);
  assert.match(log[0][1], /its thread ended/);
  for (let count = 0; count < 10; count++) assert.equal((await call(file, 'echo', 'x')).body, 'x');
  assert.equal(threads.size, THREADS);
});

describe('memory', () => {
  const grow = `(local $pages i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) `;
  const pages = `(call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 4))`;
  const read = ({ body }) => Buffer.from(body, 'latin1').readUInt32LE(0);
  const size = `(i32.store (i32.const 1024) (memory.size)) ${pages}`;

  test('cannot grow past max_memory', async () => {
    const file = write(func('f', `${grow} ${size}`), [
      declare('f', { maxMemoryBytes: 100 * PAGE }),
      { ...declare('g', { maxMemoryBytes: 70 * PAGE + 1 }), export: 'f' },
    ]);
    assert.equal(read(await call(file, 'f')), 70);
  });

  test('an instance that has become large is replaced', async () => {
    const file = write(`${func('f', size)} ${func('grow', `(drop (memory.grow (i32.const 50))) ${size}`)}`, [
      declare('f', { run: 'auto' }),
      declare('grow', { run: 'auto' }),
    ]);
    assert.equal(read(await call(file, 'grow')), 114);
    assert.equal(read(await call(file, 'f')), 64);
  });

  test('is refused if the module starts with more', async () => {
    const file = write(ECHO, [declare('echo', { maxMemoryBytes: PAGE })]);
    await assert.rejects(call(file, 'echo'), /4194304 bytes from the start, more than the 65536/);
  });
});

test('an endless log does not fill the memory', async () => {
  const logs = func(
    'logs',
    '(loop $forever (call $log (i32.const 2) (i32.const 0) (i32.const 5)) (br $forever)) unreachable',
  );
  const { status, log } = await call(write(logs, [declare('logs', { timeoutMs: 3000 })]), 'logs');
  assert.equal(status, 504);
  assert.equal(log.length, 1002);
  assert.match(log.at(-2)[1], /the rest is dropped/);
});

test('a wrong setting is refused, and the error says what is expected', async () => {
  const file = write(ECHO, [declare('echo')]);
  for (const [name, value, expected] of [
    ['BLUECRAB_THREADS', 'many', 'expected a whole number from 1'],
    ['BLUECRAB_QUEUE', '-1', 'expected a whole number from 0'],
    ['BLUECRAB_BODY_BYTES', '0', 'expected a whole number from 1'],
    ['FUNCTIONS_WORKER_PROCESS_COUNT', 'all', 'expected a whole number from 1'],
    ['BLUECRAB_TIMEOUT_ECHO', '10', 'expected a duration such as 500ms, 30s or 2m'],
  ]) {
    const before = process.env[name];
    process.env[name] = value;
    await assert.rejects(call(file, 'echo'), {
      message: `the app setting ${name} is "${value}": ${expected}`,
    });
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
});
