// Measures the functions of the peers' apps without host and HTTP: each in a process of its own, in random order, with
// a new process for each round. Writes results that `bluecrab bench --results` reports:
// `node bench/kernel/main.mjs --json FILE [--quick]`.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generator } from '../../apps/matrix/test/random.mjs';
import { machine } from '../results.mjs';

const SEED = 2019;
const TOLERANCE = 1e-12;
/** The functions by name, each with its file in bench/peers; the first is the baseline. */
const FUNCTIONS = {
  'multiply-mathjs': 'mathjs',
  'multiply-mlmatrix': 'ml-matrix',
  'multiply-numpyts': 'numpy-ts',
  'multiply-float64array': 'float64array',
  'multiply-2019': 'way-of-2019',
  'multiply-napi': 'napi',
  'multiply-package': 'matrix-package',
  'multiply-ndarray': 'bluecrab',
  'multiply-rust': 'bluecrab',
};
const SUBJECT = 'multiply-rust';

const { values } = parseArgs({
  options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
const { sizes, rounds, milliseconds } = values.quick
  ? { sizes: [2, 30], rounds: 2, milliseconds: 50 }
  : { sizes: [2, 100, 300], rounds: 8, milliseconds: 300 };
const names = Object.keys(FUNCTIONS);
const random = generator(SEED);
const about = machine();
const measurements = [];
for (const size of sizes) measurements.push(...(await measureSize(size)));
const functions = names.map((name) => ({ name, subject: name === SUBJECT }));
const results = {
  format: 3,
  title: 'Matrix multiplication in one process: Bluecrab and its peers, without host and HTTP',
  scenario: 'bench/kernel/main.mjs',
  machine: about,
  functions,
  measurements,
  fresh_workers: true,
  in_process: true,
};
writeFileSync(values.json, `${JSON.stringify(results)}\n`);

async function measureSize(size) {
  const body = randomPair(size);
  const measured = names.map((name) => ({
    function: name,
    payload: `${size}x${size}`,
    size,
    load: { closed: 1 },
    bytes_in: body.length,
    bytes_out: 0,
    rounds: [],
    unsettled: 0,
  }));
  let expected;
  for (let round = 0; round < rounds; round++) {
    // The baseline's answer is needed first, and only once.
    for (const index of expected ? order() : [0, ...order().filter((place) => place > 0)]) {
      process.stderr.write(`${size}x${size}, round ${round + 1} of ${rounds}: ${names[index]}\n`);
      const { answer, settled, ...measurement } = await measureOnce(names[index], body);
      expected ??= answer;
      compare(names[index], answer, expected);
      measured[index].rounds.push(measurement);
      measured[index].bytes_out = answer.length;
      if (!settled) measured[index].unsettled++;
    }
  }
  return measured;
}

/** Starts a process for one round of one function. */
async function measureOnce(name, body) {
  const app = fileURLToPath(new URL(`../peers/${FUNCTIONS[name]}.js`, import.meta.url));
  const child = fork(new URL('child.mjs', import.meta.url), [app, name, String(milliseconds)]);
  child.send(body);
  const [result] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the process of ${name} ended with ${code}`);
    }),
  ]);
  child.kill();
  return result;
}

/** Returns the functions' places in random order. */
function order() {
  const keyed = names.map((_, place) => ({ place, key: random.uniform() }));
  return keyed.sort((one, two) => one.key - two.key).map(({ place }) => place);
}

function randomPair(size) {
  const { uniform } = generator(SEED + size);
  const matrix = () => Array.from({ length: size }, () => Array.from({ length: size }, uniform));
  return JSON.stringify([matrix(), matrix()]);
}

/** Checks that all functions answer with the same numbers, except for rounding. */
function compare(name, answer, expected) {
  if (answer === expected) return;
  const [found, wanted] = [answer, expected].map((text) => JSON.parse(text).result.flat());
  const differs = (number, index) =>
    !(Math.abs(number - wanted[index]) <= TOLERANCE * Math.abs(wanted[index]));
  const at = found.length === wanted.length ? found.findIndex(differs) : 0;
  if (at >= 0) throw new Error(`${name} answers ${found[at]} instead of ${wanted[at]} (number ${at})`);
}
