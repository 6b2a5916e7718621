// Compares two pictures. `node apps/jobs/difference.mjs ONE TWO` exits with 1 if they differ too much.

import { readFile } from 'node:fs/promises';
import { decode } from './pictures.mjs';

/**
 * Whether two pictures differ no more than two JPEG decoders do: by 1 of 255 on average, and by more than 4 in at most
 * one of a hundred channels.
 */
const LIMITS = { mean: 1, far: 4, shareOfFar: 0.01 };

/** The largest and the mean difference between the channels of two pictures, and the share of large differences. */
export async function difference(one, two) {
  const [a, b] = [await decode(one), await decode(two)];
  if (a.width !== b.width || a.height !== b.height)
    throw new Error(`the pictures have ${a.width}x${a.height} and ${b.width}x${b.height} pixels`);
  let [largest, sum, far] = [0, 0, 0];
  for (let index = 0; index < a.data.length; index += 1) {
    const apart = Math.abs(a.data[index] - b.data[index]);
    largest = Math.max(largest, apart);
    sum += apart;
    if (apart > LIMITS.far) far += 1;
  }
  const { width, height, data } = a;
  return { width, height, largest, mean: sum / data.length, shareOfFar: far / data.length };
}

export function isClose({ mean, shareOfFar }) {
  return mean <= LIMITS.mean && shareOfFar <= LIMITS.shareOfFar;
}

if (process.argv[1] === import.meta.filename) {
  const [one, two] = process.argv.slice(2);
  const found = await difference(await readFile(one), await readFile(two));
  console.log(`largest ${found.largest}, mean ${found.mean.toFixed(3)} of 255`);
  if (!isClose(found)) process.exit(1);
}
