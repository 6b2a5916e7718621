import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { crc32, deflateRawSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { log, pixels } from '../generate.mjs';
import { startJob } from './host.mjs';

let job;
before(async () => {
  job = await startJob('gzip');
});
after(() => job?.stop());

const contents = [Buffer.from(''), Buffer.from('crab'), Buffer.from(log(3000)), pixels(200, 150).data];

test('compressed bytes decompress to the same bytes', async () => {
  for (const content of contents) {
    const [one, two] = await job.answers('gzip', content);
    const zlib = await job.javascript.post('gzip-zlib', content);
    for (const { bytes } of [one, two, zlib]) assert.ok(gunzipSync(bytes).equals(content));
    const [shorter, longer] = [one.bytes.length, two.bytes.length].sort((a, b) => a - b);
    assert.ok(
      longer <= shorter * 1.15 + 32,
      `sizes ${one.bytes.length} and ${two.bytes.length} of ${content.length}`,
    );
  }
});

test('bytes that another program compressed decompress to the same bytes', async () => {
  for (const content of contents) {
    for (const level of [0, 1, 9]) {
      const body = gzipSync(content, { level });
      const [one, two] = await job.answers('gunzip', body);
      const zlib = await job.javascript.post('gunzip-zlib', body);
      for (const { bytes } of [one, two, zlib]) assert.ok(bytes.equals(content));
    }
  }
});

test('several members are read, and zeros may follow the last', async () => {
  const members = Buffer.concat([gzipSync('crab'), gzipSync(''), gzipSync(' and lobster')]);
  for (const body of [members, Buffer.concat([members, Buffer.alloc(700)])])
    assert.equal((await job.sameBytes('gunzip', body)).text, 'crab and lobster');
  for (const end of ['x', 'garbage', gzipSync('a').subarray(0, 5), gzipSync('a').subarray(0, -1)])
    await job.refused('gunzip', Buffer.concat([members, Buffer.from(end)]));
});

test('every header field of RFC 1952 is read and checked', async () => {
  const [FHCRC, FEXTRA, FNAME, FCOMMENT] = [2, 4, 8, 16];
  const content = Buffer.from('crab');
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(content), 0);
  trailer.writeUInt32LE(content.length, 4);
  const member = ({ flags = 0, method = 8, change = 0 }) => {
    const parts = [Buffer.from([0x1f, 0x8b, method, flags, 1, 2, 3, 4, 2, 3])];
    if (flags & FEXTRA) parts.push(Buffer.from([5, 0, 1, 2, 3, 4, 5]));
    if (flags & FNAME) parts.push(Buffer.from('name.txt\0'));
    if (flags & FCOMMENT) parts.push(Buffer.from('a comment\0'));
    const sum = Buffer.alloc(2);
    sum.writeUInt16LE((crc32(Buffer.concat(parts)) ^ change) & 0xffff);
    if (flags & FHCRC) parts.push(sum);
    return Buffer.concat([...parts, deflateRawSync(content), trailer]);
  };
  for (let flags = 0; flags < 32; flags += 1)
    assert.equal((await job.sameBytes('gunzip', member({ flags }))).text, 'crab', `flags ${flags}`);
  for (const wrong of [{ flags: 32 }, { flags: 255 }, { method: 7 }, { flags: FHCRC, change: 1 }])
    await job.refused('gunzip', member(wrong));
  for (const place of [-8, -1]) {
    const damaged = Buffer.from(member({}));
    damaged[damaged.length + place] ^= 1;
    await job.refused('gunzip', damaged);
  }
});

test('content of 256 MiB is too large, and a byte less is not', async () => {
  const zeros = Buffer.alloc(2 ** 20);
  const part = gzipSync(zeros, { level: 9 });
  // A gzip file may have several members.
  const longest = Buffer.concat([...Array(255).fill(part), gzipSync(zeros.subarray(1))]);
  const tooLong = Buffer.concat([longest, gzipSync('x')]);
  await job.refused('gunzip', tooLong, 413);
  assert.equal((await job.javascript.post('gunzip-zlib', tooLong)).status, 413);
  const { status, bytes } = await job.rust.post('gunzip', longest);
  assert.deepEqual([status, bytes.length], [200, 2 ** 28 - 1]);
});

test('a body that is not gzip is refused', async () => {
  const whole = gzipSync('crab '.repeat(100));
  const damaged = Buffer.from(whole);
  damaged[damaged.length - 6] ^= 1;
  const bodies = ['', 'crab', whole.subarray(0, 20), damaged, deflateSync('crab'), deflateRawSync('crab')];
  for (const body of bodies) await job.refused('gunzip', body);
});
