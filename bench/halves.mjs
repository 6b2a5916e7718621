// Shows what a second thread would gain within one call at best. It computes a product by one call, and by two calls at
// once with half of the rows each, in one process without host and HTTP. It does not count the time for splitting the
// body and joining the answers:
//
//     node bench/halves.mjs apps/matrix/dist/matrix.wasm multiply-rust 300 1000

import { deepStrictEqual as deepEqual } from 'node:assert';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { handler } from 'bluecrab';
import { call } from '../apps/handler.mjs';
import { generator } from '../apps/matrix/test/random.mjs';
import { batch, median } from './batch.mjs';

const ROUNDS = 30;
const ROUND_MS = 200;

const [file, name, ...sizes] = process.argv.slice(2);
if (sizes.length === 0) throw new Error('usage: node bench/halves.mjs MODULE.wasm FUNCTION SIZE…');
const library = createRequire(import.meta.url)('@azure/functions');
const handle = handler(resolve(file), name);
for (const size of sizes.map(Number)) await compare(size);
process.exit();

async function compare(size) {
  const { uniform } = generator(size);
  const matrix = () => Array.from({ length: size }, () => Array.from({ length: size }, uniform));
  const [left, right] = [matrix(), matrix()];
  const middle = Math.ceil(size / 2);
  const whole = Buffer.from(JSON.stringify([left, right]));
  const halves = [left.slice(0, middle), left.slice(middle)].map((rows) =>
    Buffer.from(JSON.stringify([rows, right])),
  );
  const ways = { 'one call': () => multiply(whole), 'two halves': () => Promise.all(halves.map(multiply)) };
  await check(ways);
  const rounds = Object.values(ways).map(() => []);
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const turns = [...Object.values(ways).entries()];
    for (const [index, way] of round % 2 === 0 ? turns : turns.toReversed()) {
      const { latencies } = await batch(way, ROUND_MS);
      if (round > 0) rounds[index].push(median(latencies));
    }
  }
  for (const [index, way] of Object.keys(ways).entries()) {
    const ratio = median(rounds[index].map((time, round) => time / rounds[0][round]));
    console.log(
      `${size}x${size}  ${median(rounds[index]).toFixed(1).padStart(7)} ms  x${ratio.toFixed(2)}  ${way}`,
    );
  }
}

/** Checks that both ways have the same answer. */
async function check(ways) {
  const result = (bytes) => JSON.parse(bytes).result;
  const whole = result(await ways['one call']());
  deepEqual((await ways['two halves']()).flatMap(result), whole);
}

async function multiply(body) {
  const { status, bytes } = await call(library, handle, body);
  if (status !== 200) throw new Error(`the function answers ${status}: ${bytes}`);
  return bytes;
}
