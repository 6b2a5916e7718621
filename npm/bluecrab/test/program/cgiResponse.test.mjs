// How the output of a program becomes a response.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { source } from '../source.mjs';

const { cgiResponse } = await source('program/cgiResponse');

// Each run has the same cases.
fc.configureGlobal({ seed: 2019 });

/** Returns the response with its body as text, one character for each byte. */
function respond(output) {
  const { status, headers, body } = cgiResponse(new Uint8Array(Buffer.from(output, 'latin1')));
  return { status, headers, body: Buffer.from(body).toString('latin1') };
}
const TEXT = ['content-type', 'text/plain; charset=utf-8'];

describe('the output of a program', () => {
  for (const [output, status, headers, body] of [
    ['Content-Type: a/b\n\nbody', 200, [['Content-Type', 'a/b']], 'body'],
    ['content-type:a/b\r\n\r\n\r\nbody', 200, [['content-type', 'a/b']], '\r\nbody'],
    ['STATUS: 503\n\n', 503, [], ''],
    ['Status: 299 Own Reason\nX-A:  1 \t\n\n', 299, [['X-A', '1']], ''],
    ['Location: /a\n\n', 302, [['Location', '/a']], ''],
    ['Location: /a\nStatus: 307 Temporary Redirect\n\n', 307, [['Location', '/a']], ''],
    ['Status: 200 OK\n\nbody', 200, [TEXT], 'body'],
    [
      'X-A: 1\nContent-Type: a/b\n\n',
      200,
      [
        ['X-A', '1'],
        ['Content-Type', 'a/b'],
      ],
      '',
    ],
    ['Content-Type: \xe4/b\n\n', 200, [['Content-Type', '\xe4/b']], ''],
    ['Content-Type: a/b\nTransfer-Encoding: chunked\n\nx', 200, [['Content-Type', 'a/b']], 'x'],
  ]) {
    test(`is a response of CGI: ${JSON.stringify(output)}`, () => {
      assert.deepEqual(respond(output), { status, headers, body });
    });
  }

  for (const output of [
    '',
    '\nContent-Type: a/b\n\n',
    'Content-Type: a/b\n',
    'Content-Type: a/b\nbody\n\n',
    'Content Type: a/b\n\n',
    ' Content-Type: a/b\n\n',
    'Content-Type: a/\x01b\n\n',
    'Content-Type: a/b\r\r\n\n',
    'X-A: 1\n\nbody',
    '{"Status": 200}\n\n',
    'HTTP/1.1 200 OK\nContent-Type: a/b\n\n',
  ]) {
    test(`is text: ${JSON.stringify(output)}`, () => {
      assert.deepEqual(respond(output), { status: 200, headers: [TEXT], body: output });
    });
  }

  for (const status of ['', '99', '199', '600', '2000', '200OK', '-200', 'OK']) {
    test(`has a wrong status: "${status}"`, () => {
      assert.throws(() => respond(`Status: ${status}\n\n`), /not a number from 200 to 599/);
    });
  }

  test('has too long a head', () => {
    const tooLong = /the head of its CGI response has more than 65536 bytes or 1000 fields/;
    assert.throws(() => respond(`Content-Type: a/b\nX-A: ${'a'.repeat(65_536)}\n\nbody`), tooLong);
    assert.throws(() => respond(`Content-Type: a/b\n${'X-A: 1\n'.repeat(1000)}\n`), tooLong);
    assert.equal(respond(`Content-Type: a/b\n${'X-A: 1\n'.repeat(999)}\n`).headers.length, 1000);
    assert.deepEqual(respond('a'.repeat(70_000)).headers, [TEXT]);
  });

  test('keeps every field and every byte of the body', () => {
    const name = fc.stringMatching(/^X-[A-Za-z0-9-]{1,10}$/);
    const value = fc.stringMatching(/^[!-~][ -~]{0,20}[!-~]$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, value), { maxLength: 10 }),
        fc.uint8Array(),
        fc.constantFrom('\n', '\r\n'),
        (fields, bytes, end) => {
          const all = [['Content-Type', 'a/b'], ...fields];
          const head = all.map(([name, value]) => `${name}: ${value}${end}`).join('') + end;
          const body = Buffer.from(bytes).toString('latin1');
          assert.deepEqual(respond(head + body), { status: 200, headers: all, body });
        },
      ),
    );
  });
});
