import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { log, pixels } from '../generate.mjs';
import { startJob } from './host.mjs';

let job;
before(async () => {
  job = await startJob('gzip');
});
after(() => job?.stop());

const contents = [Buffer.from(''), Buffer.from('crab'), Buffer.from(log(3000)), pixels(200, 150).data];

test('what was compressed decompresses to the same bytes', async () => {
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

test('what was compressed elsewhere decompresses to the same bytes', async () => {
  for (const content of contents) {
    for (const level of [0, 1, 9]) {
      const body = gzipSync(content, { level });
      const [one, two] = await job.answers('gunzip', body);
      const zlib = await job.javascript.post('gunzip-zlib', body);
      for (const { bytes } of [one, two, zlib]) assert.ok(bytes.equals(content));
    }
  }
});

test('what is not gzip is refused', async () => {
  const whole = gzipSync('crab '.repeat(100));
  const damaged = Buffer.from(whole);
  damaged[damaged.length - 6] ^= 1;
  for (const body of ['', 'crab', whole.subarray(0, 20), damaged]) await job.refused('gunzip', body);
});
