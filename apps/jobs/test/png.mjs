// Writes all kinds of PNG files, and EXIF data as cameras do, which the encoder of jimp cannot write.

import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** The number of channels of each colour type. */
const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function chunk(name, data) {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** A PNG with a size, bits per channel, a colour type, chunks before the pixels, and pixels from a seed. */
export function png({ width, height, depth = 8, type = 6, before = [], seed = 7 }) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, type], 8);
  const line = 1 + Math.ceil((width * depth * CHANNELS[type]) / 8);
  // A picture that is too large needs no pixels, because its header is enough to refuse it.
  const rows = Buffer.alloc(width * height > 1e6 ? 1 : line * height);
  let state = seed;
  for (let index = 0; index < rows.length; index += 1) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    // The first byte of each line is its filter.
    if (index % line !== 0) rows[index] = state >> 16;
  }
  const parts = [
    chunk('IHDR', head),
    ...before,
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([SIGNATURE, ...parts]);
}

/** EXIF data with an orientation, in little-endian or big-endian byte order. */
export function exif(orientation, order = 'BE') {
  const data = Buffer.alloc(26);
  data.write(order === 'BE' ? 'MM' : 'II', 'latin1');
  const write = (value, at, bits = 16) => data[`writeUInt${bits}${order}`](value, at);
  write(42, 2);
  write(8, 4, 32); // the offset of the directory
  write(1, 8); // the number of its entries
  write(0x112, 10);
  write(3, 12); // the type: 16 bits
  write(1, 14, 32);
  write(orientation, 18);
  return data;
}

/** Adds EXIF data to a JPEG. */
export function withExif(jpeg, data) {
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, 0]), Buffer.from('Exif\0\0', 'latin1'), data]);
  segment.writeUInt16BE(segment.length - 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}
