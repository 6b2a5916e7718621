// The differential test: bodies answered by Math.js, by multiply-rust in WebAssembly and natively; numbers printed and
// read there and by JavaScript. All the same, or the first difference and exit code 1.

import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { BATCH } from './numbers.mjs';

const { values } = parseArgs({
  options: {
    app: { type: 'string' },
    'numbers-module': { type: 'string' },
    program: { type: 'string' },
    pairs: { type: 'string', default: '20000' },
    numbers: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
  },
});
const [pairs, numbers, seed, threads] = ['pairs', 'numbers', 'seed', 'threads'].map((name) =>
  Number(values[name]),
);
const batches = Math.ceil(numbers / BATCH);
const modules = runnableModules();
const started = performance.now();
const counts = [];

const workers = Array.from({ length: threads }, (_, thread) => {
  const { app, program, 'numbers-module': numbersModule } = values;
  const workerData = { app, modules, numbersModule, program, seed, pairs, batches, threads, thread };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData });
    worker.on('message', (message) => {
      if (message.mismatch) reject(message.mismatch);
      counts[message.thread] = message.counts;
      progress();
    });
    worker.on('error', reject);
    worker.on('exit', resolve);
  });
});

try {
  await Promise.all(workers);
} catch (error) {
  if (error instanceof Error) throw error;
  show(error);
  process.exit(1);
}
const total = sums();
if (total.answered + total.refused !== pairs)
  throw new Error(`${pairs} pairs were asked for, ${total.answered + total.refused} compared`);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `equality: ${total.answered} products the same bytes from Math.js, ${modules.map((file) => basename(file)).join(', ')} and natively, ` +
    `${total.refused} bodies refused by all of them; ${total.numbers} numbers printed and read as JavaScript does; seed ${seed}, ${seconds} s`,
);

/** The flagship's module, and its variant with relaxed SIMD where the runtime has that or can be made to have it. */
function runnableModules() {
  const base = join(values.app, 'matrix.wasm');
  const variant = join(values.app, 'matrix.relaxed-simd.wasm');
  if (!existsSync(variant)) return [base];
  const bytes = readFileSync(variant);
  if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(bytes) ? [base, variant] : [base];
}

function sums() {
  const total = { answered: 0, refused: 0, numbers: 0 };
  for (const one of counts) for (const name of Object.keys(total)) total[name] += one?.[name] ?? 0;
  return total;
}

function progress() {
  if (!process.stderr.isTTY) return;
  const { answered, refused, numbers: done } = sums();
  process.stderr.write(
    `\r${answered + refused} of ${pairs} pairs, ${done} of ${batches * BATCH} numbers\x1b[K`,
  );
}

/** Long texts are cut: the seed brings them back. */
function show({ what, question, answers }) {
  const cut = (text) => (text.length > 4000 ? `${text.slice(0, 2000)} … ${text.slice(-500)}` : text);
  console.error(`\nthe answers differ: seed ${seed}, ${what}`);
  console.error(`question (${question.length} characters): ${cut(question)}`);
  const texts = answers.map(([, text]) => text);
  const first = [...texts[0]].findIndex((character, at) => texts.some((text) => text[at] !== character));
  for (const [who, text] of answers) console.error(`${who}: ${cut(text)}`);
  if (first >= 0) {
    console.error(`from character ${first} on:`);
    for (const [who, text] of answers)
      console.error(`  ${who}: ${text.slice(Math.max(0, first - 30), first + 60)}`);
  }
}
