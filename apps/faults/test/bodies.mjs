// Bodies that are too long, too slow or incomplete.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startHost } from './host.mjs';
import { tally } from './tally.mjs';

const post = (name, framing) =>
  `POST /api/${name} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${framing}\r\n\r\n`;
const MIB = 1 << 20;
const PAUSE_SECONDS = 6;

describe('bodies', () => {
  let host;
  before(async () => {
    host = await startHost({
      flags: ['--body-pause', String(PAUSE_SECONDS)],
      env: { BLUECRAB_THREADS: '1' },
    });
  });
  after(() => host?.stop());

  for (const [what, name, length] of [
    ["over the function's limit", 'good-small', 10 * MIB],
    ["over the host's limit", 'good', 200 * MIB],
  ]) {
    test(`a body ${what} is refused before it is sent`, async () => {
      tally.faults++;
      const answer = await host.raw(`${post(name, `Content-Length: ${length}`)}the rest never comes`).closed;
      assert.match(answer, /^HTTP\/1\.1 413 /);
      await host.good();
    });
  }

  test('a body without a length is read only up to the limit', async () => {
    tally.faults++;
    const { socket, answer, closed } = host.raw(post('good-small', 'Transfer-Encoding: chunked'));
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    let sent = 0;
    while (answer() === '' && sent < 64 * MIB) {
      sent += 65_536;
      if (socket.write(chunk)) await new Promise(setImmediate);
      else await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
    }
    socket.destroy();
    assert.match(answer(), /^HTTP\/1\.1 413 /);
    assert.ok(sent < 16 * MIB, `the host read ${sent} bytes`);
    await host.good();
  });

  test('a body that stops coming is answered with 408, and delays no other request', async () => {
    const start = performance.now();
    const slow = Array.from({ length: 50 }, () => {
      tally.faults++;
      return host.raw(`${post('good', 'Content-Length: 1000')}the beginning`);
    });
    await host.good();
    const answers = new Set(slow.map(({ answer }) => answer()));
    // On a stalled machine their time may be over.
    if (performance.now() - start < PAUSE_SECONDS * 1000)
      assert.deepEqual(answers, new Set(['']), 'a slow request ended too early');
    for (const { closed } of slow) assert.match(await closed, /^HTTP\/1\.1 408 /);
    await host.good();
  });

  test('a client that ends within its body is answered with 400', async () => {
    for (let count = 0; count < 20; count++) {
      tally.faults++;
      const { socket, closed } = host.raw(`${post('good', 'Content-Length: 1000')}the beginning`);
      socket.end();
      assert.match(await closed, /^HTTP\/1\.1 400 /);
      await host.good();
    }
  });
});
