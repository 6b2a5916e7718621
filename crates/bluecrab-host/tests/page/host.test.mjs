import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventReader } from '../../src/page/files/host.mjs';

test('reads events in pieces of any length', () => {
  const events = [
    ['app', { name: 'a: b', reason: null }],
    ['calls', { calls: [{ id: '1', text: 'two\nlines' }] }],
  ];
  const stream = events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('');
  for (const length of [1, 7, stream.length]) {
    const seen = [];
    const read = eventReader((name, data) => seen.push([name, data]));
    for (let at = 0; at < stream.length; at += length) read(stream.slice(at, at + length));
    assert.deepEqual(seen, events);
  }
});
