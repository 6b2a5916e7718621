// A function that breaks the ABI harms only its own call.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startHost } from './host.mjs';

const FAILED = /^the function failed; its log says why$/;
const FAR = 0xffff_fff0;

const words = (...numbers) => {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, index * 4);
  return bytes;
};
const head = (...headers) => Buffer.from(JSON.stringify({ headers }));

describe('lies', () => {
  let host;
  before(async () => {
    host = await startHost({ env: { BLUECRAB_THREADS: '1' } });
  });
  after(() => host?.stop());

  for (const [what, name, body, reason] of [
    [
      'a record outside of the memory',
      'lie-pointer',
      words(FAR),
      /the response record, 20 bytes at \d+, ends outside/,
    ],
    [
      'a head outside of the memory',
      'lie-record',
      words(200, FAR, 64, 0, 0),
      /the response head, .* ends outside/,
    ],
    [
      'a body outside of the memory',
      'lie-record',
      words(200, 0, 0, FAR, 64),
      /the response body, .* ends outside/,
    ],
    [
      'a length that overflows',
      'lie-record',
      words(200, 0, 0, 16, 0xffff_ffff),
      /the response body, .* ends outside/,
    ],
    ['a status of 99', 'lie-record', words(99, 0, 0, 0, 0), /status is 99, not 200 to 599/],
    ['a status of 600', 'lie-record', words(600, 0, 0, 0, 0), /status is 600, not 200 to 599/],
    [
      'a head that is not UTF-8',
      'lie-head',
      Buffer.from('{"headers":[["a","\xff"]]}', 'latin1'),
      /not valid/,
    ],
    ['a head that is not JSON', 'lie-head', Buffer.from('{"headers":['), /JSON/],
    ['headers that are not a list', 'lie-head', Buffer.from('{"headers":{}}'), /headers that are not a list/],
    ['a header that is not a pair', 'lie-head', head(['a']), /a header that HTTP cannot carry/],
    ['a name with a space', 'lie-head', head(['a b', 'c']), /a header that HTTP cannot carry/],
    ['a name with a line break', 'lie-head', head(['a\r\nb', 'c']), /a header that HTTP cannot carry/],
    [
      'a value with a line break',
      'lie-head',
      head(['a', 'b\r\nset-cookie: c=d']),
      /a header that HTTP cannot carry/,
    ],
    [
      'a value with a bare LF',
      'lie-head',
      head(['a', 'b\nset-cookie: c=d']),
      /a header that HTTP cannot carry/,
    ],
    [
      'a second response in a value',
      'lie-head',
      head(['a', '\r\n\r\nHTTP/1.1 200 OK\r\n\r\n']),
      /HTTP cannot carry/,
    ],
  ]) {
    test(`${what} is answered with 500`, async () => {
      const answer = await host.fault(name, body, 500, FAILED);
      assert.ok(!('a' in answer.headers) && !('set-cookie' in answer.headers));
      await host.logged(answer, 'error', reason);
      await host.good();
    });
  }

  test('header fields for the framing are dropped', async () => {
    const framing = head(
      ['Content-Length', '1000'],
      ['Transfer-Encoding', 'gzip'],
      ['Connection', 'x'],
      ['b', 'c'],
    );
    const { status, headers, text } = await host.send('lie-head', framing);
    assert.deepEqual([status, headers.b, text], [200, 'c', '']);
    assert.notEqual(headers['content-length'], '1000');
    await host.good();
  });
});
