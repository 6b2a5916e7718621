// Every kind of response, as a client receives it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertProblem, startHost } from './host.mjs';

let host;
before(async () => {
  host = await startHost();
});
after(() => host?.stop());

const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';

for (const [path, status, type, body] of [
  ['give-nothing', 204, null, ''],
  ['give-str', 200, TEXT, 'grüße'],
  ['give-string', 200, TEXT, 'grüße'],
  ['give-vec', 200, BYTES, [0, 0xff, 0x0a]],
  ['give-bytes', 200, BYTES, [0, 0xff, 0x0a]],
  ['give-json', 200, 'application/json', '{"half":0.5}'],
  ['give-status', 202, TEXT, 'later'],
  ['give-option/9', 200, 'application/json', '9'],
  ['give-result/9', 200, TEXT, '9'],
  ['export', 200, TEXT, 'exported'],
  ['call', 200, TEXT, 'called'],
]) {
  test(`${path} answers ${status}`, async () => {
    const response = await host.send(path);
    assert.equal(response.status, status, response.text);
    assert.equal(response.headers.get('content-type'), type);
    assert.deepEqual(response.bytes, Buffer.from(body));
  });
}

test('None answers 404', async () => {
  assertProblem(await host.send('give-option/10'), 404, /found nothing/);
});

test('a problem keeps its own member', async () => {
  assertProblem(await host.send('give-result/10'), 422, /^ten is too many$/, {
    limit: 10,
    type: 'about:blank',
  });
});

test('a custom error type makes its own response', async () => {
  const response = await host.send('give-failure');
  assertProblem(response, 503, /^try again$/);
  assert.equal(response.headers.get('retry-after'), '7');
});

test('a response keeps repeated header fields and cookies', async () => {
  const { status, headers, text } = await host.send('give-response');
  assert.equal(status, 203);
  assert.equal(text, 'a,b\n1,2\n');
  assert.equal(headers.get('content-type'), 'text/csv');
  assert.equal(headers.get('x-part'), 'one, two');
  assert.deepEqual(headers.getSetCookie(), ['a=1; Path=/; HttpOnly', 'b=%20; Max-Age=60; SameSite=Lax']);
});

test('an error is not logged if the function recovers', async () => {
  const response = await host.send('give-recovered');
  assert.equal(response.text, 'recovered from 500');
  await host.logged(response, 'information', /recovered/);
  const id = response.headers.get('x-ms-invocation-id');
  const errors = host
    .printed()
    .split('\n')
    .filter((line) => line.startsWith('[error]') && line.includes(id));
  assert.deepEqual(errors, []);
});

for (const [path, reason] of [
  ['give-internal', /invalid digit found in string/],
  ['give-error/boxed', /invalid digit found in string/],
  ['give-error/boxed-send', /invalid digit found in string/],
  ['give-error/anyhow', /cannot read the table\n\nCaused by:\n +invalid digit found in string/],
  ['give-error/text', /no error of this kind/],
  ['give-no-json', /the response cannot be written as JSON: the key of a map must be a text/],
  ['give-broken-header', /HTTP cannot carry.*x-broken/],
  ['give-broken-status', /status is 99/],
]) {
  test(`${path}: the client learns nothing, the log says why`, async () => {
    const response = await host.send(path);
    assertProblem(response, 500, /its log says why/);
    assert.equal(response.headers.get('x-smuggled'), null);
    assert.doesNotMatch(response.text, reason);
    await host.logged(response, 'error', reason);
  });
}
