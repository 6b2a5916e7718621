// Pictures encoded and decoded, for payloads and comparisons.

import { Jimp } from 'jimp';

export async function encode({ width, height, data }, type) {
  return new Jimp({ width, height, data }).getBuffer(
    type,
    type === 'image/jpeg' ? { quality: 88 } : undefined,
  );
}

/** `{ width, height, data }` with the pixels in RGBA. */
export async function decode(bytes) {
  const { width, height, data } = (await Jimp.fromBuffer(Buffer.from(bytes))).bitmap;
  return { width, height, data };
}
