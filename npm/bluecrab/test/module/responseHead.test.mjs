// Reads the response heads of one instance, one after another.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from '../source.mjs';

const { ResponseHeads } = await source('module/responseHead');

function reader() {
  const heads = new ResponseHeads();
  // Other bytes before and after the head, as in a guest's memory.
  return (head) => {
    const bytes = Buffer.concat([Buffer.from('before'), Buffer.from(head), Buffer.from('behind')]);
    return heads.read(bytes, 6, bytes.length - 6);
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
