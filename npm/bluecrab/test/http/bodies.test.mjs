// Many bodies at once on the proxy path: which are accepted, which are refused and when, and how many bytes they may
// hold.

import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const KIB = 1 << 10;
const MAX_BYTES = 1000 * KIB;
const THREADS = 1;
const QUEUED = 4;
process.env.BLUECRAB_THREADS = String(THREADS);
process.env.BLUECRAB_QUEUE = String(QUEUED);
process.env.BLUECRAB_BODY_BYTES = String(MAX_BYTES);

const { answerTo, call, forward, invoke, listen } = await import('../app.mjs');
const { registerModule } = await import('bluecrab');
const { declare, ECHO, func, rehearsed, write } = await import('../guest.mjs');

/** Returns a response that is larger than the socket buffers. */
const LARGE_BYTES = 32 << 20;
const LARGE = func(
  'large',
  `(call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 65536) (i32.const ${LARGE_BYTES}))`,
);

before(async () => {
  const declarations = ['echo', 'large'].map((name) => declare(name, { run: 'pool' }));
  declarations.push({ ...declare('inline'), export: 'echo', run: 'auto' });
  registerModule(write(`${ECHO} ${LARGE}`, declarations, { pages: 600 }));
  await listen();
  // The first call goes to a thread, which then rehearses it. The next runs on the event loop.
  await call('inline', 'x');
  await rehearsed();
});
after(() => setImmediate(() => process.exit()));

/** The messages that have arrived, by invocation id. */
const arrived = new Map();
subscribe('http.server.request.start', ({ request }) =>
  arrived.set(request.headers['x-ms-invocation-id'], request),
);

/** Begins an upload, and waits until it has arrived. The caller writes the rest of the body. */
async function upload(name, headers, first = 'x') {
  const { id, request } = forward(name, { agent: false, headers });
  request.on('error', () => undefined);
  request.write(first);
  const answered = answerTo(request);
  while (!arrived.has(id)) await sleep(1);
  return { request, answered, message: arrived.get(id), invoked: invoke(name, id) };
}

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** Returns how many bytes of V8's heap are in use. */
function usedHeap() {
  gc();
  return process.memoryUsage().heapUsed;
}

const declared = (bytes) => ({ 'content-length': String(bytes) });
const CHUNKED = { 'transfer-encoding': 'chunked' };

/** Returns the response to a request that is refused before it sends its body. */
async function refusal(...args) {
  const { request, answered, invoked } = await upload(...args);
  const [{ status, headers, body }, log] = await Promise.all([answered, invoked]);
  request.destroy();
  return { status, retryAfter: headers['retry-after'], detail: JSON.parse(body).detail, log };
}

const uploads = (count, ...args) => Promise.all(Array.from({ length: count }, () => upload(...args)));

/** Breaks uploads off, and waits until the library has released them. */
async function breakOff(begun) {
  for (const { request, answered } of begun) {
    answered.catch(() => undefined);
    request.destroy();
  }
  await Promise.all(begun.map(({ invoked }) => invoked));
}

describe('a place in the queue', () => {
  test('is taken before the body is read, and a request without a place is refused at once', async () => {
    const begun = await uploads(THREADS + QUEUED, 'echo', declared(1000));
    for (const headers of [declared(1000), CHUNKED]) {
      const { status, retryAfter, detail } = await refusal('echo', headers);
      assert.equal(status, 503);
      assert.equal(retryAfter, '1');
      assert.match(detail, /too many calls/);
    }
    assert.equal((await call('inline', 'x')).status, 200);
    for (const { request } of begun) request.end('y'.repeat(999));
    for (const { answered } of begun) assert.equal((await answered).status, 200);
    await Promise.all(begun.map(({ invoked }) => invoked));
  });

  test('does not hold a thread while the body arrives', async () => {
    const begun = await uploads(QUEUED, 'echo', declared(1000));
    assert.equal((await call('echo', 'short')).body.toString(), 'short');
    await breakOff(begun);
  });

  test('is freed when an upload breaks off', async () => {
    for (let round = 0; round < 5; round++) {
      await breakOff(await uploads(THREADS + QUEUED, 'echo', declared(1000)));
    }
    assert.equal((await call('echo', 'x')).status, 200);
  });
});

describe('the limit on the bytes of all bodies', () => {
  test('refuses a declared length beyond it at once', async () => {
    const begun = await uploads(2, 'echo', declared(400 * KIB));
    const { status, retryAfter, detail, log } = await refusal('echo', declared(400 * KIB));
    assert.equal(status, 503);
    assert.equal(retryAfter, '1');
    assert.match(detail, /too many bodies/);
    assert.match(log[0][1], /hold 819200 of 1024000 bytes; raise the app setting BLUECRAB_BODY_BYTES/);
    assert.equal((await refusal('inline', declared(400 * KIB))).status, 503);
    assert.equal((await call('echo', 'y'.repeat(100 * KIB))).status, 200);
    await breakOff(begun);
    assert.equal((await call('echo', 'y'.repeat(900 * KIB))).status, 200);
  });

  test('holds for bodies without a declared length', async () => {
    const begun = await uploads(3, 'echo', CHUNKED, 'x'.repeat(400 * KIB));
    const isRefused = (one) => one.answered.then(({ status }) => ({ one, status }));
    const refused = await Promise.race(begun.map(isRefused));
    assert.equal(refused.status, 503);
    for (const { request } of begun) request.end();
    for (const one of begun.filter((one) => one !== refused.one)) {
      assert.equal((await one.answered).body.length, 400 * KIB);
    }
  });

  test('counts more or less what a body takes, even if it arrives in chunks of one byte', async () => {
    const COUNT = 300_000;
    const before = usedHeap();
    const { request, answered, message, invoked } = await upload('echo', CHUNKED);
    await new Promise((resolve) => request.socket.write('1\r\ny\r\n'.repeat(COUNT), resolve));
    const all = request.socket.bytesWritten;
    while (message.socket.bytesRead < all) await sleep(1);
    const grown = usedHeap() - before;
    assert.ok(grown < 20 * COUNT, `${grown} bytes for ${COUNT}`);
    request.socket.write('0\r\n\r\n');
    assert.equal((await answered).body.toString(), `x${'y'.repeat(COUNT)}`);
    await invoked;
  });

  test('refuses a body that is longer than the limit alone', async () => {
    for (const name of ['echo', 'inline']) {
      const { status, detail } = await refusal(name, declared(MAX_BYTES + 1));
      assert.equal(status, 413);
      assert.match(detail, /longer than the 1024000 bytes/);
    }
  });

  test('counts a response until the client has read it', async () => {
    const { id, request } = forward('large', { agent: false, method: 'GET' });
    request.end();
    const [[response]] = await Promise.all([once(request, 'response'), invoke('large', id)]);
    response.pause();
    assert.equal((await refusal('echo', declared(1))).status, 503);
    response.resume();
    await once(response, 'end');
    assert.equal((await call('echo', 'x')).status, 200);
  });
});
