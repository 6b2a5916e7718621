// Times every contender at every size in one process, and Math.js beside it in a process of its own, in turn, round after
// round. Prints one JSON object: `node main.mjs --module BENCH_MATRIX.wasm --glue WAY_OF_2019.js [--quick] [--sizes N,N]`.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { generator } from '../../apps/matrix/test/random.mjs';
import { MatrixModule } from '../lib/module.mjs';
import { checkAnswers } from './agreement.mjs';
import { contenders } from './contenders/index.mjs';
import { sample, stateFor, warmUp } from './measure.mjs';

const SEED = 2019;
const ALONE = 'Math.js in a process of its own';
const {
  values: { module: moduleFile, glue, quick, sizes: wanted },
} = parseArgs({
  options: {
    module: { type: 'string' },
    glue: { type: 'string' },
    quick: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '2,10,32,100,300,600,1000' },
  },
});
/** A contender whose call takes seconds takes part in the first rounds only. */
const rounds = (ms) => (quick ? [7, 3, 1] : [21, 7, 3])[ms < 100 ? 0 : ms < 3000 ? 1 : 2];

const module = new MatrixModule(moduleFile);
const all = contenders(module, glue);
const alone = fork(new URL('alone.mjs', import.meta.url));
const sizes = [];
for (const size of wanted.split(',').map(Number)) sizes.push(await measureSize(size));
alone.disconnect();
console.log(JSON.stringify({ node: process.version, seed: SEED, sizes }));

async function ask(message) {
  alone.send(message);
  const [answer] = await once(alone, 'message');
  return answer;
}

async function measureSize(size) {
  const pair = randomPair(size);
  const entries = [];
  for (const contender of all) {
    progress(size, `warm-up of ${contender.name}`);
    const state = stateFor(pair);
    const expected = warmUp(contender, state);
    entries.push({
      name: contender.name,
      state,
      expected,
      sample: () => sample(contender, state, expected),
    });
  }
  checkAnswers(entries);
  progress(size, `warm-up of ${ALONE}`);
  const { expected } = await ask({ pair });
  entries.push({ name: ALONE, expected, sample: () => ask({ run: true }) });

  const samples = Object.fromEntries(entries.map(({ name }) => [name, []]));
  const peaks = [];
  const most = Math.max(...entries.map(({ expected }) => rounds(expected)));
  for (let round = 0; round < most; round++) {
    progress(size, `round ${round + 1} of ${most}`);
    // Right before ours, whose share of it is wanted: what else the machine does slows both.
    peaks.push(peak());
    for (const entry of entries) {
      if (round < rounds(entry.expected)) samples[entry.name].push(await entry.sample());
    }
  }
  const { body, answer } = entries[0].state;
  const contenders = entries.map(({ name }) => series(name, samples[name]));
  return { size, bytesIn: body.length, bytesOut: answer.length, peak: peaks, contenders };
}

/** A contender's samples, those of each stage together, in milliseconds. */
function series(name, samples) {
  const stages = Object.keys(samples[0].stages).map((stage) => ({
    name: stage,
    samples: samples.map(({ stages }) => stages[stage]),
  }));
  return { name, whole: samples.map(({ whole }) => whole), stages };
}

function randomPair(size) {
  const random = generator(SEED + size);
  const matrix = () => Array.from({ length: size }, () => Array.from({ length: size }, random.uniform));
  return [matrix(), matrix()];
}

/** GFLOP/s of multiply and add over pairs of doubles, with as many accumulators as serve best. */
function peak() {
  const speeds = [8, 10, 12].map((accumulators) => {
    const started = performance.now();
    const operations = module.multiplyAdd(accumulators, 300_000);
    return operations / (performance.now() - started) / 1e6;
  });
  return Math.max(...speeds);
}

function progress(size, what) {
  process.stderr.write(`stages at ${size}x${size}: ${what}\n`);
}
