import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { difference, isClose } from '../difference.mjs';
import { pixels } from '../generate.mjs';
import { encode } from '../pictures.mjs';
import { startJob } from './host.mjs';
import { chunk, exif, png, withExif } from './png.mjs';

let job;
before(async () => {
  job = await startJob('thumbnail');
});
after(() => job?.stop());

/** Returns both thumbnails of a picture, and asserts that their channels differ by at most `most`. */
async function thumbnails(picture, most, what) {
  const [one, two] = await job.answers('thumbnail', picture);
  const found = await difference(one.bytes, two.bytes);
  assert.deepEqual([found.width, found.height], [160, 120], what);
  assert.ok(isClose(found) && found.largest <= most, `${what}: ${JSON.stringify(found)}`);
  return [one.bytes, two.bytes];
}

test('thumbnails of all sizes are the same, pixel by pixel', async () => {
  for (const [width, height] of [
    [640, 480],
    [801, 603],
    [161, 121],
    [160, 120],
    [159, 119],
    [40, 30],
    [2, 2],
    [1, 1],
    [3, 500],
    [500, 3],
    [160, 7],
  ]) {
    const picture = pixels(width, height, width);
    await thumbnails(await encode(picture, 'image/png'), 1, `PNG of ${width}x${height}`);
    await thumbnails(await encode(picture, 'image/jpeg'), 4, `JPEG of ${width}x${height}`);
  }
});

test('a pixel is the mean of its area', async () => {
  const grey = (values) => Buffer.from(values.flatMap((value) => [value, value, value, 255]));
  // Every third of 240 columns is white, and a pixel of the thumbnail covers 1.5 columns.
  const columns = grey(Array.from({ length: 240 * 120 }, (_, index) => (index % 3 === 0 ? 255 : 0)));
  const even = await encode({ width: 240, height: 120, data: columns }, 'image/png');
  for (const side of await thumbnails(even, 0, 'columns')) {
    const expected = Array.from({ length: 160 * 120 }, (_, index) => (index % 2 === 0 ? 170 : 0));
    const found = await difference(
      side,
      await encode({ width: 160, height: 120, data: grey(expected) }, 'image/png'),
    );
    assert.equal(found.largest, 0, JSON.stringify(found));
  }
});

test('PNG files of every colour type and depth are read the same', async () => {
  const palette = chunk(
    'PLTE',
    Buffer.from({ length: 768 }, (_, index) => (index * 37) & 255),
  );
  for (const [type, depths] of Object.entries({
    0: [1, 2, 4, 8, 16],
    2: [8, 16],
    3: [1, 2, 4, 8],
    4: [8, 16],
    6: [8, 16],
  }))
    for (const depth of depths) {
      const before = type === '3' ? [chunk('PLTE', palette.subarray(8, 8 + 3 * 2 ** depth))] : [];
      for (const [width, height] of [
        [33, 31],
        [321, 243],
      ])
        await thumbnails(
          png({ width, height, depth, type, before }),
          1,
          `type ${type} of ${depth} bits, ${width}`,
        );
    }
  const shares = chunk('tRNS', Buffer.from([0, 40, 80, 120, 160, 200, 255]));
  await thumbnails(
    png({ width: 321, height: 243, type: 3, before: [palette, shares] }),
    1,
    'a palette with tRNS',
  );
});

test('a photograph is turned upright by its EXIF orientation', async () => {
  const upright = pixels(320, 240, 5);
  const { width, height, data } = upright;
  // For each EXIF orientation: the side of the picture where the first row is, and the side where the first column is.
  const source = {
    1: (x, y) => [x, y],
    2: (x, y) => [width - 1 - x, y],
    3: (x, y) => [width - 1 - x, height - 1 - y],
    4: (x, y) => [x, height - 1 - y],
    5: (x, y) => [y, x],
    6: (x, y) => [y, height - 1 - x],
    7: (x, y) => [width - 1 - y, height - 1 - x],
    8: (x, y) => [width - 1 - y, x],
  };
  const jpeg = await encode(upright, 'image/jpeg');
  for (const order of ['BE', 'LE'])
    for (const orientation of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      const from = source[orientation] ?? source[1];
      const [w, h] = orientation >= 5 && orientation <= 8 ? [height, width] : [width, height];
      const turned = Buffer.alloc(data.length);
      for (let y = 0; y < h; y += 1)
        for (let x = 0; x < w; x += 1) {
          const [column, row] = from(x, y);
          turned.writeUInt32BE(data.readUInt32BE(4 * (row * width + column)), 4 * (y * w + x));
        }
      const [, expected] = await job.answers(
        'thumbnail',
        await encode({ width: w, height: h, data: turned }, 'image/png'),
      );
      for (const side of await thumbnails(
        withExif(jpeg, exif(orientation, order)),
        4,
        `orientation ${orientation}`,
      )) {
        const found = await difference(side, expected.bytes);
        assert.ok(found.mean < 3, `orientation ${orientation}: ${JSON.stringify(found)}`);
      }
    }
  // Both sides ignore the orientation of a PNG.
  const plain = { width: 40, height: 30 };
  const [before] = await thumbnails(png(plain), 1, 'PNG');
  const [after] = await thumbnails(png({ ...plain, before: [chunk('eXIf', exif(6))] }), 1, 'PNG with EXIF');
  assert.ok(before.equals(after));
});

test('a colour profile that would inflate to 270 MiB is not read', async () => {
  const profile = Buffer.concat([Buffer.from('x\0\0', 'latin1'), deflateSync(Buffer.alloc(270 << 20))]);
  await thumbnails(png({ width: 40, height: 30, before: [chunk('iCCP', profile)] }), 1, 'a profile');
});

test('the comparison notices different pictures', async () => {
  const [one, two] = await Promise.all([1, 2].map((seed) => encode(pixels(160, 120, seed), 'image/png')));
  assert.ok(!isClose(await difference(one, two)));
});

test('a picture with too many pixels is too large, even if the file is small', async () => {
  const jpeg = await encode(pixels(64, 64), 'image/jpeg');
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  for (const [width, height] of [
    [5001, 5000],
    [30_000, 30_000],
    [65_535, 400],
  ]) {
    await job.refused('thumbnail', png({ width, height }), 413);
    const claims = Buffer.from(jpeg);
    claims.writeUInt16BE(height, frame + 5);
    claims.writeUInt16BE(width, frame + 7);
    await job.refused('thumbnail', claims, 413);
  }
  await job.refused('thumbnail', png({ width: 2 ** 31 - 1, height: 1 }), 413);
});

test('a body that is not a picture is refused', async () => {
  const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
  for (const body of ['', 'crab', gif]) await job.refused('thumbnail', body);
  for (const [width, height] of [
    [0, 5],
    [5, 0],
  ])
    await job.refused('thumbnail', png({ width, height }));
});

test('a picture that is cut off anywhere is refused', async () => {
  for (const type of ['image/png', 'image/jpeg']) {
    const picture = await encode(pixels(320, 240), type);
    for (const share of [0.001, 0.01, 0.1, 0.5, 0.99])
      await job.refused('thumbnail', picture.subarray(0, Math.ceil(picture.length * share)));
    for (const missing of [1, 2, 5]) await job.refused('thumbnail', picture.subarray(0, -missing));
  }
  // The camera's thumbnail, which is inside the file, is complete, but the picture is cut off.
  const camera = await encode(pixels(32, 24), 'image/jpeg');
  const jpeg = withExif(await encode(pixels(320, 240), 'image/jpeg'), Buffer.concat([exif(1), camera]));
  await thumbnails(jpeg, 4, 'a JPEG within a JPEG');
  await job.refused('thumbnail', jpeg.subarray(0, jpeg.length / 2));
});
