// Encodes and decodes pictures for payloads and comparisons.

import { Jimp } from 'jimp';

export async function encode({ width, height, data }, type) {
  return new Jimp({ width, height, data }).getBuffer(
    type,
    type === 'image/jpeg' ? { quality: 88 } : undefined,
  );
}

/** Decodes a picture to `{ width, height, data }`, with RGBA pixels in `data`. */
export async function decode(bytes) {
  const { width, height, data } = (await Jimp.fromBuffer(Buffer.from(bytes))).bitmap;
  return { width, height, data };
}
