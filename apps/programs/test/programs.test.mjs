// A program in Rust, called over HTTP through host, worker and `@azure/functions`.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startHost } from '../../host.mjs';

/** The error code of WASI for a file system that can only be read. */
const READ_ONLY = 69;
const PATIENCE_MS = 120_000;

let host;
before(async () => {
  host = await startHost(fileURLToPath(new URL('..', import.meta.url)), { env: { AzureWebJobsStorage: '' } });
});
after(() => host?.stop());

const send = async (path, init) => {
  const response = await fetch(`${host.url}/api/${path}`, init);
  const { status, headers } = response;
  return { status, headers, text: await response.text() };
};
const post = (path, body) => send(path, { method: 'POST', body });

/** Waits until the host has printed what matches. */
async function printed(pattern) {
  for (const end = Date.now() + PATIENCE_MS; !pattern.test(host.printed()); ) {
    assert.ok(Date.now() < end, `${pattern} is not in:\n${host.printed()}`);
    await sleep(20);
  }
}

describe('the program', () => {
  test('reads the body and writes the response', async () => {
    const { status, headers, text } = await post('reverse', 'crab');
    assert.deepEqual([status, headers.get('content-type'), text], [200, 'text/plain; charset=utf-8', 'barc']);
    const long = 'ab'.repeat(2 << 20);
    assert.equal((await post('reverse', long)).text, [...long].reverse().join(''));
  });

  test('answers as a CGI script', async () => {
    const { status, headers, text } = await send('page/a%20b?x=1&y', { headers: { accept: 'text/html' } });
    assert.deepEqual(
      [status, headers.get('content-type'), headers.get('x-made-by')],
      [201, 'text/html', 'a program'],
    );
    assert.deepEqual(text.trim().split('\n'), [
      '<p>REQUEST_METHOD=GET',
      '<p>SCRIPT_NAME=/api/page',
      '<p>PATH_INFO=/a b',
      '<p>QUERY_STRING=x=1&y',
      '<p>HTTP_ACCEPT=text/html',
      '<p>GREETING=hello',
    ]);
  });

  test('sleeps', async () => {
    assert.equal((await post('sleep', '50')).text, 'true\n');
  });
});

test('a message of a queue goes through the program', async () => {
  const url = `${host.url}/admin/functions/message`;
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ input: '12e3' }) });
  assert.equal(status, 202);
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(20)) {
    const [written] = await (await fetch(`${url}/outputs`)).json();
    if (written) return assert.deepEqual(written.items, [{ text: '3e21' }]);
    assert.ok(Date.now() < end, host.printed());
  }
});

describe('its files', () => {
  test('are those of the folder', async () => {
    assert.equal((await send('list')).text, '/hello.txt 5\n/texts/poem.txt 7\n');
    const { headers, text } = await send('read/texts/poem.txt');
    assert.deepEqual([headers.get('content-type'), text], ['text/x-file', 'a poem\n']);
  });

  test('are nowhere else', async () => {
    for (const path of ['etc/passwd', 'texts/none.txt', '%2e%2e%2findex.js', 'texts/..%2f..%2findex.js']) {
      const { status, text } = await send(`read/${path}`);
      assert.equal(status, 404, `${path}: ${text}`);
    }
  });

  test('cannot be changed', async () => {
    assert.equal((await send('change')).text, `Some(${READ_ONLY})\n`.repeat(6));
    assert.equal((await send('list')).text, '/hello.txt 5\n/texts/poem.txt 7\n');
  });
});

describe('a failure', () => {
  for (const [name, status, reason] of [
    [
      'fail',
      500,
      /the reason of the failure[\s\S]*function fail failed in WebAssembly: it ended with exit code 3/,
    ],
    ['panic', 500, /the reason of the panic[\s\S]*function panic failed in WebAssembly/],
    ['flood', 500, /function flood failed in WebAssembly: it wrote more than 1048576 bytes/],
    ['grow', 500, /memory allocation of 1048576 bytes failed/],
  ]) {
    test(`costs its request only: ${name}`, async () => {
      const response = await send(name);
      assert.equal(response.status, status);
      assert.equal(JSON.parse(response.text).detail, 'the function failed; its log says why');
      await printed(reason);
      assert.equal((await post('reverse', 'ok')).text, 'ko');
    });
  }

  test('of a program that does not end costs its request only', async () => {
    assert.equal((await post('oversleep', '3600000')).status, 504);
    assert.equal((await post('reverse', 'ok')).text, 'ko');
  });
});
