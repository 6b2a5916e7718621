// Reads the response heads of one instance, one after another.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { source } from '../source.mjs';

const { ResponseHeads } = await source('module/responseHead');

function reader() {
  const heads = new ResponseHeads();
  // Other bytes before and after the head, as in a guest's memory.
  return (head, outputs) => {
    const bytes = Buffer.concat([Buffer.from('before'), Buffer.from(head), Buffer.from('behind')]);
    const { headers, parts } = heads.read(bytes, 6, bytes.length - 6, outputs);
    return outputs ? { headers, ...parts } : headers;
  };
}
const head = (...headers) => JSON.stringify({ headers });

test('a head that equals the previous head is not parsed again', () => {
  const read = reader();
  const first = read(head(['x-name', 'one']));
  assert.deepEqual(first, [['x-name', 'one']]);
  assert.equal(read(head(['x-name', 'one'])), first);
  assert.deepEqual(read(head(['x-name', 'two'])), [['x-name', 'two']]);
  assert.deepEqual(read(''), []);
  assert.deepEqual(read(head(['x-name', 'one'])), first);
});

test('values are read as UTF-8', () => {
  assert.deepEqual(reader()(head(['x-name', 'Zoë'])), [['x-name', 'Zoë']]);
});

test('a wrong head is refused each time, also after a correct head', () => {
  for (const wrong of [
    Buffer.from('{"headers":[["x-name","\xe9"]]}', 'latin1'),
    '{"headers":[["x name",""]]}',
    '{"headers":[["x-name","a\\nb"]]}',
    '{"headers":{}}',
    '{',
    ' '.repeat((64 << 10) + 1),
  ]) {
    const read = reader();
    const right = read(head(['x-name', 'one']));
    assert.throws(() => read(wrong), Error, String(wrong).slice(0, 40));
    assert.throws(() => read(wrong), Error, String(wrong).slice(0, 40));
    assert.deepEqual(read(head(['x-name', 'one'])), right);
  }
});

describe('the outputs of a head', () => {
  const outputs = (...list) => JSON.stringify({ outputs: list });
  const done = { name: 'done', offset: 3, length: 4, kind: 'json' };

  test('are read, and the client gets what comes before the first output', () => {
    const [first, second] = [done, { ...done, offset: 7, kind: 'bytes' }];
    assert.deepEqual(reader()(outputs(second, first), ['small', 'done']), {
      headers: [],
      outputs: [
        { name: 'done', kind: 'bytes', range: [7, 4] },
        { name: 'done', kind: 'json', range: [3, 4] },
      ],
      body: [0, 3],
    });
  });

  test('may name the body of the client', () => {
    const { body } = reader()(JSON.stringify({ outputs: [done], body: [7, 2] }), ['done']);
    assert.deepEqual(body, [7, 2]);
  });

  test('are not needed: then the client gets the whole body', () => {
    assert.deepEqual(reader()('', ['done']), { headers: [], outputs: [], body: undefined });
  });

  test('may be many', () => {
    const list = Array.from({ length: 10_000 }, () => done);
    assert.equal(reader()(outputs(...list), ['done']).outputs.length, 10_000);
  });

  for (const [what, wrong, reason] of [
    ['an output that the manifest does not have', outputs({ ...done, name: 'gone' }), /the output "gone"/],
    [
      'an unknown kind',
      outputs({ ...done, kind: 'xml' }),
      /output 0 must have .* the kind bytes, text or json/,
    ],
    ['a negative offset', outputs({ ...done, offset: -1 }), /output 0 must have/],
    ['a length that is a fraction', outputs(done, { ...done, length: 0.5 }), /output 1 must have/],
    ['an output that is null', outputs(null), /output 0 must have/],
    ['outputs that are not a list', '{"outputs":{}}', /outputs that are not a list/],
    ['a body without a length', '{"body":[1]}', /a body that is not \[offset, length\]/],
    ['long headers', head(...Array(900).fill(['x-name', 'v'.repeat(80)])), /headers have 77400 bytes/],
  ]) {
    test(`with ${what} are refused`, () => assert.throws(() => reader()(wrong, ['done']), reason));
  }

  test('are refused if the function has no outputs', () => {
    assert.throws(() => reader()(outputs(done)), /names the output "done", which the manifest does not have/);
  });
});
