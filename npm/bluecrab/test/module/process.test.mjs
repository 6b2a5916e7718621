// Modules that do what they can to end or exhaust the process. Each is refused, or a call fails and the next module is
// served.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import workerThreads from 'node:worker_threads';

process.env.BLUECRAB_THREADS = '1';

let threads = 0;
let mostThreads = 0;
workerThreads.Worker = class extends workerThreads.Worker {
  constructor(...args) {
    super(...args);
    mostThreads = Math.max(mostThreads, ++threads);
    this.on('exit', () => threads--);
  }
};

const { handler } = await import('bluecrab');
const { call } = await import('../guest.mjs');
const { residentMiB } = await import('../memory.mjs');
const { bytes, CALLED, code, constant, I32, I64, leb, name, PLAIN, section, times, type, V128, writeBinary } =
  await import('./binary.mjs');

const ZERO = constant(0);
const LOOP_FOR_EVER = [0x03, 0x40, 0x0c, 0, 0x0b];
const called = (...instructions) => [CALLED, code([], ...instructions, ZERO)];
const declaration = { run: 'pool', timeoutMs: 300 };
/** The deadline of calls that fail before it. V8 compiles some of them first. */
const patient = { run: 'pool', timeoutMs: 60_000 };
const wasi = (name, index) => ['wasi_snapshot_preview1', name, index];

const good = writeBinary([called()]);

for (const [what, options, reason] of [
  [
    '20,000 types',
    {
      types: times(20_000, type([], []))
        .toString('latin1')
        .match(/.{3}/gs)
        .map((each) => Buffer.from(each, 'latin1')),
    },
    /its types have \d+ bytes; the most is 32768/,
  ],
  [
    '9,000 imports',
    { imports: Array.from({ length: 9000 }, () => wasi('fd_write', CALLED)) },
    /its imports have \d+ bytes; the most is 262144/,
  ],
  [
    '150,000 exports',
    { exports: Array.from({ length: 150_000 }, (_, index) => bytes(name(`${index}`), 0, 0)) },
    /its exports have \d+ bytes; the most is 1048576/,
  ],
  [
    '20,000 kinds of exceptions',
    { tags: Array.from({ length: 20_000 }, () => [0, PLAIN]) },
    /its tags have \d+ bytes; the most is 32768/,
  ],
  [
    'exceptions of 1000 values',
    { types: [type(Array(1000).fill(I64), [])], tags: [[0, 3]] },
    /an exception has 1000 values; the most is 16/,
  ],
]) {
  test(`a module with ${what} is refused`, () => {
    assert.throws(() => handler(writeBinary([called()], options), 'f'), { message: reason });
  });
}

test('a module with 300,000 functions is refused', () => {
  const body = code([]);
  const functions = [called(), ...Array.from({ length: 300_000 }, () => [PLAIN, body])];
  assert.throws(() => handler(writeBinary(functions), 'f'), {
    message: /its functions have \d+ bytes; the most is 262144/,
  });
});

for (const [what, status, make] of [
  ['loops for ever', 504, () => writeBinary([called(LOOP_FOR_EVER)], {}, declaration)],
  [
    'loops for ever in its start function',
    504,
    () => writeBinary([called(), [PLAIN, code([], LOOP_FOR_EVER)]], { start: 2 }, declaration),
  ],
  [
    'calls itself for ever',
    500,
    () => writeBinary([called([0x10, 2]), [PLAIN, code([], [0x10, 2])]], {}, patient),
  ],
  [
    'calls itself for ever with 49,000 local variables',
    500,
    () => writeBinary([called([0x10, 2]), [PLAIN, code([[49_000, V128]], [0x10, 2])]], {}, patient),
  ],
  [
    'logs at every depth of its stack',
    500,
    () =>
      writeBinary(
        [called([0x10, 3]), [PLAIN, code([], constant(4), ZERO, constant(9), [0x10, 0], [0x10, 3])]],
        { types: [type([I32, I32, I32], [])], imports: [['bluecrab', 'log', 3]] },
        patient,
      ),
  ],
  [
    'throws and catches for ever',
    504,
    () => {
      const values = times(16, 0x42, 0);
      const again = [0x03, 0x40, 0x06, 0x40, ...values, 0x08, 0, 0x19, 0x0b, 0x0c, 0, 0x0b];
      return writeBinary(
        [called(again)],
        { types: [type(Array(16).fill(I64), [])], tags: [[0, 3]] },
        declaration,
      );
    },
  ],
  [
    'traps in a function with a name of 20 MiB',
    500,
    () => {
      const entry = bytes(1, leb(2), leb(20 << 20), Buffer.alloc(20 << 20, 'a'));
      const names = section(0, name('name'), 1, leb(entry.length), entry);
      return writeBinary([called([0x10, 2]), [PLAIN, code([], 0)]], { after: [names] }, { run: 'pool' });
    },
  ],
]) {
  test(`a module that ${what} fails its call only`, async () => {
    assert.equal((await call(make(), 'f')).status, status);
    assert.equal((await call(good, 'f')).status, 200);
  });
}

test('the memory of a module that fails at its start is freed', async () => {
  const MIB = 1 << 20;
  const grow = bytes(constant(4800), 0x40, 0, 0x1a);
  const fill = bytes(ZERO, constant(1), constant(300 * MIB), 0xfc, 0x0b, 0);
  const file = writeBinary([called(), [PLAIN, code([], grow, fill, 0)]], { start: 2 }, { run: 'pool' });
  const before = await residentMiB();
  for (let count = 0; count < 4; count++) assert.equal((await call(file, 'f')).status, 500);
  const grown = (await residentMiB(before + 200)) - before;
  assert.ok(grown < 200, `${grown.toFixed(0)} MiB are held after four calls that took 300 MiB each`);
});

test('a thread that is ended is replaced only after it has ended', async () => {
  const file = writeBinary([called(LOOP_FOR_EVER)], {}, { run: 'pool', timeoutMs: 1 });
  mostThreads = 0;
  const all = await Promise.all(Array.from({ length: 10 }, (_, index) => call(index % 2 ? good : file, 'f')));
  assert.deepEqual(
    all.map(({ status }) => status),
    Array(10).fill([504, 200]).flat().slice(0, 10),
  );
  assert.equal(mostThreads, 1, 'two threads ran at once');
});
