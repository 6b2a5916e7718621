import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

process.env.BLUECRAB_SERVER_TIMING = '1';
process.env.BLUECRAB_THREADS = '1';

const { call, data, declare, ECHO, func, write } = await import('./guest.mjs');

const STAGES = ['body', 'queue', 'copy-in', 'compute', 'copy-out'];
const environment = func(
  'environment',
  `(drop (call $environ_sizes_get (i32.const 1024) (i32.const 1028)))
   (call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 1024) (i32.const 4))`,
);
const answer = (head) => {
  const text = JSON.stringify({ headers: head });
  return [
    data(2048, text),
    `(call $record (i32.const 200) (i32.const 2048) (i32.const ${Buffer.byteLength(text)}) (i32.const 0) (i32.const 0))`,
  ];
};
/** Computes for some milliseconds. */
const BUSY = `(local $i i32) (loop $more (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50000000))))`;

/** Returns the metrics of the only `server-timing` header, as pairs. */
function metrics({ headers }) {
  const fields = headers.filter(([name]) => name.toLowerCase() === 'server-timing');
  assert.equal(fields.length, 1, JSON.stringify(headers));
  return fields[0][1].split(', ').map((metric) => {
    const [, name, duration] = /^([\w.-]+);dur=(\d+\.\d{3})$/.exec(metric) ?? assert.fail(metric);
    return [name, Number(duration)];
  });
}

for (const run of ['pool', 'auto']) {
  describe(`${run}:`, () => {
    test('the header has every stage, in order', async () => {
      const file = write(ECHO, [declare('echo', { run })]);
      const response = await call(file, 'echo', 'x'.repeat(100_000));
      assert.equal(response.body.length, 100_000);
      assert.deepEqual(
        metrics(response).map(([name]) => name),
        STAGES,
      );
    });

    test('compute has the time of the work, and all stages together are shorter than the call', async () => {
      const [text, record] = answer([['content-type', 'text/plain']]);
      const file = write(`${text} ${func('busy', `${BUSY} ${record}`)}`, [declare('busy', { run })]);
      const start = performance.now();
      const response = await call(file, 'busy');
      const whole = performance.now() - start;
      const times = Object.fromEntries(metrics(response));
      assert.ok(times.compute > 1, JSON.stringify(times));
      const sum = Object.values(times).reduce((sum, time) => sum + time, 0);
      assert.ok(sum < whole, `${sum} of ${whole}`);
      assert.deepEqual(response.headers[0], ['content-type', 'text/plain']);
    });

    test('metrics of the guest are parts of compute', async () => {
      const [text, record] = answer([
        ['Server-Timing', 'parse;dur=1.5, print;desc="a, \\"b\\", c";dur=2'],
        ['x-a', '1'],
        ['server-timing', 'hit,, no token;dur=1'],
      ]);
      const file = write(`${text} ${func('f', record)}`, [declare('f', { run })]);
      const { headers } = await call(file, 'f');
      assert.deepEqual(headers[0], ['x-a', '1']);
      assert.equal(headers.length, 2);
      assert.match(
        headers[1][1],
        /compute;dur=[\d.]+, compute\.parse;dur=1\.5, compute\.print;desc="a, \\"b\\", c";dur=2, compute\.hit, copy-out;/,
      );
    });
  });
}

test('at most a hundred metrics of the guest are kept', async () => {
  const [text, record] = answer([['server-timing', Array(1000).fill('part;dur=1.000').join()]]);
  const names = metrics(
    await call(write(`${text} ${func('f', record)}`, [declare('f', { run: 'auto' })]), 'f'),
  ).map(([name]) => name);
  assert.equal(names.filter((name) => name === 'compute.part').length, 100);
  assert.equal(names.at(-1), 'copy-out');
});

test('queue has the time in which a call waits for the thread', async () => {
  const [text, record] = answer([]);
  const file = write(`${text} ${func('busy', `${BUSY} ${record}`)}`, [declare('busy')]);
  await call(file, 'busy');
  const both = await Promise.all([call(file, 'busy'), call(file, 'busy')]);
  const [first, second] = both.map((response) => Object.fromEntries(metrics(response)));
  assert.ok(second.queue > first.compute / 2, JSON.stringify([first, second]));
});

test('the module can read the setting, even if the manifest does not name it', async () => {
  const file = write(environment, [declare('environment', { run: 'auto' })]);
  assert.equal((await call(file, 'environment')).body.charCodeAt(0), 1);
});

test('without the setting a server-timing header of the guest is unchanged', async () => {
  process.env.BLUECRAB_SERVER_TIMING = '0';
  const [text, record] = answer([['Server-Timing', 'no token at all; dur']]);
  const file = write(`${text} ${func('f', record)} ${ECHO}`, [declare('f'), declare('echo')]);
  assert.deepEqual((await call(file, 'f')).headers, [['Server-Timing', 'no token at all; dur']]);
  delete process.env.BLUECRAB_SERVER_TIMING;
  assert.deepEqual((await call(file, 'echo')).headers, []);
});

test('a wrong setting is refused, and the error says what is expected', async () => {
  process.env.BLUECRAB_SERVER_TIMING = 'yes';
  const file = write(ECHO, [declare('echo')]);
  await assert.rejects(call(file, 'echo'), {
    message: 'the app setting BLUECRAB_SERVER_TIMING is "yes": expected 1 or 0',
  });
});
