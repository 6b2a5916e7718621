// Compares builds of a module in one process, without host and HTTP. It calls the same function of each in turn:
//
//     node bench/builds.mjs FUNCTION BODY ONE.wasm OTHER.wasm…

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { handler } from 'bluecrab';
import { call } from '../apps/handler.mjs';
import { batch, median } from './batch.mjs';

const ROUNDS = 30;
const ROUND_MS = 50;

const [name, bodyFile, ...files] = process.argv.slice(2);
if (files.length === 0) throw new Error('usage: node bench/builds.mjs FUNCTION BODY MODULE.wasm…');
const library = createRequire(import.meta.url)('@azure/functions');
const body = readFileSync(bodyFile);
const builds = files.map((file) => ({ file, handle: handler(resolve(file), name), rounds: [] }));
for (const build of builds) {
  const { status, bytes } = await call(library, build.handle, body);
  if (status !== 200) throw new Error(`${build.file} answers ${status}: ${bytes}`);
}
// The first round warms up.
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const build of round % 2 === 0 ? builds : builds.toReversed()) {
    const { latencies } = await batch(() => call(library, build.handle, body), ROUND_MS);
    if (round > 0) build.rounds.push(median(latencies));
  }
}
const [first] = builds;
for (const { file, rounds } of builds) {
  const ratio = median(rounds.map((time, round) => time / first.rounds[round]));
  console.log(`${(median(rounds) * 1000).toFixed(0).padStart(9)} µs  x${ratio.toFixed(2)}  ${file}`);
}
process.exit();
