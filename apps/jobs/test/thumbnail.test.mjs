import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { difference, isClose } from '../difference.mjs';
import { pixels } from '../generate.mjs';
import { encode } from '../pictures.mjs';
import { startJob } from './host.mjs';

let job;
before(async () => {
  job = await startJob('thumbnail');
});
after(() => job?.stop());

test('thumbnails are close, pixel by pixel', async (context) => {
  for (const [width, height] of [
    [640, 480],
    [801, 603],
    [320, 240],
  ]) {
    for (const type of ['image/jpeg', 'image/png']) {
      const [one, two] = await job.answers('thumbnail', await encode(pixels(width, height, width), type));
      const found = await difference(one.bytes, two.bytes);
      context.diagnostic(`${width}x${height} ${type}: ${JSON.stringify(found)}`);
      assert.deepEqual([found.width, found.height], [160, 120]);
      assert.ok(isClose(found), JSON.stringify(found));
    }
  }
});

test('different pictures are not close', async () => {
  const [one, two] = await Promise.all([1, 2].map((seed) => encode(pixels(160, 120, seed), 'image/png')));
  assert.ok(!isClose(await difference(one, two)));
});

test('what is no picture is refused', async () => {
  const picture = await encode(pixels(64, 64), 'image/png');
  for (const body of ['', 'crab', picture.subarray(0, 60)]) await job.refused('thumbnail', body);
});
