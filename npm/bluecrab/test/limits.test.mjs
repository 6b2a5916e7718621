// What a guest may take outside of its own memory, and how much of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source.mjs';

const { limitMemory } = await source('memoryLimit');
const { LogLines } = await source('log');
const { world } = await source('componentWorld');
const http = await source('componentHttp');
const MIB = 1n << 20n;

/** A module with a memory section of these memories, each with its minimum only. */
const module = (count) =>
  Uint8Array.of(
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    5,
    1 + 2 * count,
    count,
    ...Array(count).fill([0, 1]).flat(),
  );

test('a module with more than one memory is refused, none is fine', () => {
  assert.throws(() => limitMemory(module(2), 1 << 20), { message: 'it has 2 memories; one is allowed' });
  assert.deepEqual(limitMemory(module(0), 1 << 20), module(0));
  assert.deepEqual([...limitMemory(module(1), 1 << 20).subarray(8)], [5, 4, 1, 1, 1, 16]);
});

test('a long output without a line break is cut in a time that its length bounds', () => {
  const lengths = [];
  const lines = new LogLines((_level, text) => lengths.push(text.length));
  const begin = performance.now();
  lines.write('information', Buffer.alloc(64 << 20, 'x'));
  // Every part searched to the end would read 256 GiB.
  assert.ok(performance.now() - begin < 5000);
  assert.equal(lengths.length, (64 << 20) / 8192 - 1);
  lengths.splice(0);
  lines.flush();
  lines.write('information', Buffer.from(`${'y'.repeat(8192)}\n${'z'.repeat(8193)}\n\n`));
  assert.deepEqual(lengths, [8192, 8192, 8192, 1, 0]);
});

test('a component gets 1 MiB of random bytes or zeroes at once, and no more', () => {
  const given = world([], () => undefined);
  const { getRandomBytes } = given['wasi:random/random'];
  assert.equal(getRandomBytes(MIB).length, 1 << 20);
  assert.throws(() => getRandomBytes(MIB + 1n), /asks for 1048577 random bytes at once/);
  const out = given['wasi:cli/stdout'].getStdout();
  out.writeZeroes(MIB);
  assert.throws(() => out.writeZeroes(1n << 40n), /asks for 1099511627776 zeroes at once/);
});

test('seconds and nanoseconds of the wall clock are of one reading', (context) => {
  let now = 1_999;
  context.mock.method(Date, 'now', () => now++);
  const { seconds, nanoseconds } = world([], () => undefined)['wasi:clocks/wall-clock'].now();
  assert.deepEqual([seconds, nanoseconds], [1n, 999_000_000]);
});

test('short writes of a component share chunks, empty ones cost nothing', () => {
  const body = new http.OutgoingBody();
  const out = body.write();
  const expected = [];
  for (const length of [1, 4095, 1, 0, 4096, 5000, 3, 4094, 2]) {
    const bytes = Buffer.alloc(length, expected.length + 1);
    expected.push(bytes);
    out.write(bytes);
  }
  assert.deepEqual(Buffer.from(body.bytes()), Buffer.concat(expected));
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < 1_000_000; count++) out.write(Buffer.of());
  for (let count = 0; count < 1_000_000; count++) out.write(Buffer.of(1));
  globalThis.gc?.();
  assert.ok(process.memoryUsage().heapUsed - before < 100 << 20);
});

test('a component makes at most 1000 header fields, and 64 KiB of them', () => {
  const fields = new http.Fields();
  for (let count = 0; count < 1000; count++) fields.append('a', Buffer.from('1'));
  assert.throws(() => fields.append('a', Buffer.from('1')), /more than 1000 header fields/);
  fields.set('b', []);
  fields.delete('a');
  fields.append('b', Buffer.alloc((64 << 10) - 1, 'x'));
  assert.throws(() => fields.append('c', Buffer.of()), /longer than 65536 bytes/);
  fields.delete('b');
  fields.append('c', Buffer.of());
  const received = http.Fields.received(Array(1001).fill(['a', '1']));
  assert.equal(received.entries().length, 1001);
  assert.throws(() => received.sent(), /more than 1000/);
});
