// Limits on what a guest takes outside of its own memory.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source } from './source.mjs';

const { GuestLog, LogLines } = await source('log');
const { startUsage, world, ...http } = await source(
  'component/world',
  'component/wasiHttp',
  'component/usage',
);
const MIB = 1n << 20n;
startUsage(1 << 30);

/** Returns the interfaces of a component whose output nobody reads. */
const silentWorld = () => world([], { print: () => undefined, warn: () => undefined, exit: () => undefined });

const TRACE = 0;

/** Returns a guest's log, the entries that it has passed on, and its standard output. */
function guestLog() {
  const entries = [];
  const log = new GuestLog((level, message) => entries.push([level, message]), TRACE);
  return { entries, log, lines: new LogLines(() => log) };
}

test('a long output without a line break is cut', () => {
  const { entries, lines } = guestLog();
  lines.write('information', Buffer.alloc(1 << 20, 'x'));
  assert.equal(entries.length, (1 << 20) / 8192 - 1);
  lines.flush();
  entries.splice(0);
  for (const part of ['y'.repeat(8000), `${'y'.repeat(192)}\n${'z'.repeat(8193)}\n\n`]) {
    lines.write('information', Buffer.from(part));
  }
  assert.deepEqual(
    entries.map(([, { length }]) => length),
    [8192, 8192, 1, 0],
  );
});

for (const level of ['information', 'error']) {
  test(`one write of 248 MB at ${level} takes no memory outside of the guest, and not every line becomes an entry`, () => {
    const { entries, log, lines } = guestLog();
    const before = process.memoryUsage().arrayBuffers;
    const bytes = Buffer.alloc(248_000_000, 'x'.repeat(3000).concat('\n'));
    bytes.write('\nthe last line\n', bytes.length - 15);
    lines.write(level, bytes);
    assert.ok(process.memoryUsage().arrayBuffers - before - bytes.length < 32 << 20);
    log.end();
    assert.ok(entries.length > 1000 && entries.length <= 1201, `${entries.length} entries`);
    if (level === 'error') assert.deepEqual(entries.at(-1), ['error', 'the last line']);
  });
}

test('a component can request at most 1 MiB of random bytes or zeroes at once', () => {
  const given = silentWorld();
  const { getRandomBytes } = given['wasi:random/random'];
  assert.equal(getRandomBytes(MIB).length, 1 << 20);
  assert.throws(() => getRandomBytes(MIB + 1n), /asks for 1048577 random bytes at once/);
  const out = given['wasi:cli/stdout'].getStdout();
  out.writeZeroes(MIB);
  assert.throws(() => out.writeZeroes(1n << 40n), /asks for 1099511627776 zeroes at once/);
});

test('the seconds and nanoseconds of the wall clock belong to the same reading', (context) => {
  let now = 1_999;
  context.mock.method(Date, 'now', () => now++);
  const { seconds, nanoseconds } = silentWorld()['wasi:clocks/wall-clock'].now();
  assert.deepEqual([seconds, nanoseconds], [1n, 999_000_000]);
});

test('short writes of a component share chunks, empty writes take no memory', () => {
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

test('a component can set at most 1000 header fields, of 64 KiB together', () => {
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
  assert.throws(() => received.forResponse(), /more than 1000/);
});
