// Short calls run on the event loop, on the metered copy of the module, and other calls on the threads.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, mock, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

process.env.BLUECRAB_THREADS = '1';

const { handler } = await import('bluecrab');
const { callHandler, data, declare, ECHO, func, rehearsed, tasks, write } = await import('../guest.mjs');

const auto = (name, more = {}) => declare(name, { run: 'auto', ...more });
const EMPTY = '(call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))';
const log = (length) => `(call $log (i32.const 2) (i32.const 1024) (i32.const ${length}))`;
/** Repeats instructions. Each round is charged one unit of fuel. */
const repeat = (count, body = '') => `(loop $again ${body}
  (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${count}))))`;
/** More rounds than there is fuel for. */
const LONG = repeat(200_000_000);

/** Makes a call in a new turn of the event loop. Returns the answer, and whether the event loop alone gave it. */
async function called(make) {
  await nextTurn();
  const before = tasks.sent.length;
  const answer = await make();
  const sent = tasks.sent.slice(before);
  await rehearsed();
  return {
    ...answer,
    isInline: sent.length === 0,
    isRehearsed: tasks.sent.slice(before).includes('rehearsal'),
  };
}

/** Returns the handler of a function after its first call, which goes to a thread and is rehearsed. */
async function warm(file, name, ...given) {
  const handle = handler(file, name);
  await callHandler(handle, name, ...given);
  await rehearsed();
  return handle;
}

/** Calls a function for the second time. */
async function second(file, name, ...given) {
  const handle = await warm(file, name, ...given);
  return called(() => callHandler(handle, name, ...given));
}

/** Calls a function for the second time. `text` is its code. */
const again = (text, more) =>
  second(write(`${data(1024, 'crab')} ${func('f', `(local $i i32) ${text}`)}`, [auto('f', more)]), 'f');

/** Calls a function for the second time. `text` is the code of all calls but the first, which is short. */
async function longNext(text, more) {
  const isFirst = '(i32.eq (i32.load8_u (local.get $body)) (i32.const 83))';
  const body = `(local $i i32) (if ${isFirst} (then (return ${EMPTY}))) ${text}`;
  const handle = await warm(write(`${data(1024, 'crab')} ${func('f', body)}`, [auto('f', more)]), 'f', 'S');
  return called(() => callHandler(handle, 'f', 'L'));
}

// This test is the first, because it is about the first rehearsal of the process.
test('the first rehearsal leaves time for a second call', async () => {
  const rehearsals = () => tasks.sent.filter((kind) => kind === 'rehearsal').length;
  const handle = handler(write(ECHO, [auto('echo')]), 'echo');
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    for (let count = 0; count < 2; count++) await callHandler(handle, 'echo', 'x');
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    assert.equal(rehearsals(), 0);
    mock.timers.tick(20);
  } finally {
    mock.timers.reset();
  }
  await rehearsed();
  assert.equal(rehearsals(), 1);
  assert.equal((await called(() => callHandler(handle, 'echo', 'x'))).isInline, true);
});

test('the first call of a function goes to a thread and is rehearsed, and the next runs on the event loop', async () => {
  const handle = handler(write(ECHO, [auto('echo')]), 'echo');
  for (const expected of [
    [false, true],
    [true, false],
  ]) {
    const { isInline, isRehearsed, body } = await called(() => callHandler(handle, 'echo', 'x'));
    assert.deepEqual([isInline, isRehearsed, body], [...expected, 'x']);
  }
});

test('a call during a rehearsal goes to a thread', async () => {
  const handle = handler(write(ECHO, [auto('echo')]), 'echo');
  const before = tasks.sent.length;
  const calls = Array.from({ length: 3 }, () => callHandler(handle, 'echo', 'x'));
  for (const { body } of await Promise.all(calls)) assert.equal(body, 'x');
  await rehearsed();
  assert.deepEqual(tasks.sent.slice(before).toSorted(), ['module', 'module', 'module', 'rehearsal']);
});

test('a rehearsal logs nothing, and runs in an instance of its own', async () => {
  const count = `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store8 (i32.const 512) (global.get $calls)) ${log(4)}
    (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 512) (i32.const 1))`;
  const text = `(global $calls (mut i32) (i32.const 0)) ${data(1024, 'crab')} ${func('f', count)}`;
  const handle = handler(write(text, [auto('f')]), 'f');
  for (const isRehearsed of [true, false]) {
    const answer = await called(() => callHandler(handle, 'f'));
    assert.deepEqual([answer.isRehearsed, answer.bytes[0]], [isRehearsed, 1]);
    assert.deepEqual(answer.log, [['information', 'crab']]);
  }
});

describe('a short call', () => {
  test('runs on the event loop, and its log entries and its response are as on a thread', async () => {
    const { isInline, status, log: entries } = await again(`${log(4)} ${EMPTY}`);
    assert.deepEqual([isInline, status], [true, 200]);
    assert.deepEqual(entries, [['information', 'crab']]);
  });

  for (const [what, declaration, body] of [
    ['the function has run = "pool"', { run: 'pool' }, 'x'],
    ['its body is long', {}, 'x'.repeat(100_000)],
  ]) {
    test(`runs on a thread if ${what}`, async () => {
      const file = write(`${ECHO} ${func('f', EMPTY)}`, [auto('f'), auto('echo', declaration)]);
      const { isInline, body: echoed } = await second(file, 'echo', body);
      assert.deepEqual([isInline, echoed], [false, body]);
    });
  }

  test('runs on a thread if its body has no declared length', async () => {
    const file = write(ECHO, [auto('echo')]);
    const headers = { 'content-length': undefined };
    const { isInline, body } = await second(file, 'echo', 'x', { headers });
    assert.deepEqual([isInline, body], [false, 'x']);
  });

  test('runs on a thread if the module has no metered copy, or the app setting says so', async () => {
    const copyless = write(ECHO, [declare('echo')]);
    assert.equal((await second(copyless, 'echo', 'x')).isInline, false);
    process.env.BLUECRAB_INLINE = '0';
    assert.equal((await again(EMPTY)).isInline, false);
    process.env.BLUECRAB_INLINE = 'no';
    await assert.rejects(again(EMPTY), { message: /BLUECRAB_INLINE is "no": expected 1 or 0/ });
    delete process.env.BLUECRAB_INLINE;
  });

  test('runs on a thread if many others ran in the same turn of the event loop', async () => {
    const made = await warm(write(func('f', `(local $i i32) ${repeat(100_000)} ${EMPTY}`), [auto('f')]), 'f');
    await nextTurn();
    const before = tasks.sent.length;
    const answers = await Promise.all(Array.from({ length: 60 }, () => callHandler(made, 'f')));
    for (const { status } of answers) assert.equal(status, 200);
    assert.ok(tasks.sent.length > before, 'all ran in one turn');
  });
});

describe('a call that is too long for the event loop', () => {
  const write2MB = `(i32.store (i32.const 512) (i32.const 100000)) (i32.store (i32.const 516) (i32.const 2000000))
    (drop (call $fd_write (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 520)))`;
  for (const [what, text] of [
    ['computes for long', `${log(4)} ${LONG} ${EMPTY}`],
    ['fails after a long time', `${log(4)} ${LONG} unreachable`],
    ['writes much', `${log(4)} ${write2MB} ${EMPTY}`],
  ]) {
    test(`runs again on a thread if it ${what}, and its log entries are not logged twice`, async () => {
      const { isInline, status, log: entries } = await longNext(text);
      assert.equal(isInline, false);
      assert.equal(status, text.endsWith('unreachable') ? 500 : 200);
      assert.deepEqual(entries[0], ['information', 'crab']);
      assert.equal(entries.filter(([, message]) => message === 'crab').length, 1);
    });
  }

  test('runs again on a thread if it logs many entries, and all are logged', async () => {
    const { isInline, status, log: entries } = await longNext(`${repeat(100, log(4))} ${EMPTY}`);
    assert.deepEqual([isInline, status], [false, 200]);
    assert.deepEqual(entries, Array(100).fill(['information', 'crab']));
  });

  test('ends at its deadline if it never ends', async () => {
    const { status, log: entries } = await longNext(`${log(4)} (loop $ever (br $ever)) unreachable`, {
      timeoutMs: 2000,
    });
    assert.equal(status, 504);
    assert.deepEqual(
      entries.map(([level]) => level),
      ['information', 'error'],
    );
  });

  test('runs on a thread if it needs a deeper stack than the event loop has', async () => {
    const deep = `(func $deep (param $depth i32) (result i32) (local $here i32)
      (local.set $here (local.get $depth))
      (if (result i32) (i32.eqz (local.get $depth)) (then (i32.const 0))
        (else (i32.add (local.get $here) (call $deep (i32.sub (local.get $depth) (i32.const 1)))))))`;
    const text = `${deep} ${func('f', `(drop (call $deep (i32.const 40000))) ${EMPTY}`)}`;
    const { isInline, status } = await second(write(text, [auto('f')]), 'f');
    assert.deepEqual([isInline, status], [false, 200]);
  });

  test('runs on a thread if making an instance takes long', async () => {
    const text = `(func (export "_initialize") (local $i i32) ${LONG}) ${ECHO}`;
    const { isInline, body } = await second(write(text, [auto('echo')]), 'echo', 'x');
    assert.deepEqual([isInline, body], [false, 'x']);
  });

  test('sends the calls after it to the threads, until one is short again', async () => {
    const times = `(if (i32.eq (i32.load8_u (local.get $body)) (i32.const 76)) (then (loop $long
      (br_if $long (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200000000))))))`;
    const made = await warm(write(func('f', `(local $i i32) ${times} ${EMPTY}`), [auto('f')]), 'f', 'S');
    const isInline = async (body) => {
      const answer = await called(() => callHandler(made, 'f', body));
      assert.equal(answer.status, 200);
      return answer.isInline;
    };
    assert.equal(await isInline('S'), true);
    assert.equal(await isInline('L'), false);
    let count = 0;
    while (!(await isInline('S'))) count++;
    assert.equal(count, 16);
  });
});

test('a failure on the event loop is a failure, and the next call gets a new instance', async () => {
  const text = `(global $calls (mut i32) (i32.const 0)) ${func(
    'f',
    `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
     (if (i32.eq (global.get $calls) (i32.const 2)) (then unreachable)) ${log(4)} ${EMPTY}`,
  )} ${data(1024, 'crab')}`;
  const file = write(text, [auto('f')]);
  for (const [status, level] of [
    [200, 'information'],
    [500, 'error'],
    [200, 'information'],
  ]) {
    const answer = await second(file, 'f');
    assert.deepEqual([answer.isInline, answer.status, answer.log[0][0]], [true, status, level]);
  }
});

test('a copy that was made from another module is refused', () => {
  const file = write(ECHO, [auto('echo')]);
  const other = write(func('echo', EMPTY), [auto('echo')]);
  for (const copy of ['', 'no module', other]) {
    writeFileSync(file.replace('.wasm', '.metered.wasm'), copy);
    assert.throws(() => handler(file, 'echo'), {
      message:
        /guest\d+\.metered\.wasm was not made from this \S+\.wasm: run bluecrab build again, or delete the copy$/,
    });
  }
});
