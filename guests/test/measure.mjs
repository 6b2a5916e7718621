// Prints a table: the module's size, the start to the first answer, and the time of a call, a language a line; and writes
// it between the markers of the file that is named.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { folder, languages, startHost } from './host.mjs';
import { matrix, npy } from './matrices.mjs';

const STARTS = 7;
const ROUNDS = 20;
const SIZES = [
  { size: 2, calls: 25 },
  { size: 300, calls: 2 },
];

const names = {
  rust: 'Rust',
  c: 'C',
  zig: 'Zig',
  assemblyscript: 'AssemblyScript',
  go: 'Go',
  component: 'Rust, as a component',
};
const body = (size) => Buffer.concat([npy(matrix(size, size)), npy(matrix(size, size))]);
const small = body(2);

function median(numbers) {
  return numbers.sort((one, two) => one - two)[Math.floor(numbers.length / 2)];
}

async function timed(host, language, sent) {
  const started = performance.now();
  const { status } = await host.post(`multiply-${language}`, sent);
  if (status !== 200) throw new Error(`multiply-${language} answered ${status}`);
  return performance.now() - started;
}

/** The time from starting host and worker with only this module until the first answer. */
async function coldStart(language) {
  const host = await startHost({ GUESTS_ONLY: language });
  await timed(host, language, small);
  const time = performance.now() - host.started;
  await host.stop();
  return time;
}

const load = loadavg()[0].toFixed(1);
const starts = Object.fromEntries(languages.map((language) => [language, []]));
// The first round warms the file cache.
for (let round = 0; round <= STARTS; round++) {
  for (const language of languages) {
    const time = await coldStart(language);
    if (round > 0) starts[language].push(time);
  }
}

const host = await startHost();
const calls = {};
for (const { size, calls: count } of SIZES) {
  const sent = body(size);
  calls[size] = Object.fromEntries(languages.map((language) => [language, []]));
  // The first rounds are warm-up.
  for (let round = -5; round < ROUNDS; round++) {
    for (const language of languages) {
      for (let call = 0; call < count; call++) {
        const time = await timed(host, language, sent);
        if (round >= 0) calls[size][language].push(time);
      }
    }
  }
}
await host.stop();

/** The size of the module, or of a component and the bindings that jco made. */
function sizeOf(language) {
  if (language !== 'component') return statSync(join(folder, `${language}.wasm`)).size;
  const files = readdirSync(join(folder, language)).map(
    (file) => statSync(join(folder, language, file)).size,
  );
  return files.reduce((sum, size) => sum + size);
}

const lines = ['| language | module | start to first answer | 2x2 | 300x300 |', '|---|---:|---:|---:|---:|'];
for (const language of languages) {
  const kib = sizeOf(language) / 1024;
  const cells = [
    `${kib.toFixed(kib < 100 ? 1 : 0)} KiB`,
    `${median(starts[language]).toFixed(0)} ms`,
    `${median(calls[2][language]).toFixed(2)} ms`,
    `${median(calls[300][language]).toFixed(1)} ms`,
  ];
  lines.push(`| ${names[language] ?? language} | ${cells.join(' | ')} |`);
}
const [few, many] = [SIZES[1].calls * ROUNDS, SIZES[0].calls * ROUNDS];
lines.push(
  '',
  `Medians: of ${STARTS} starts, ${many} calls at 2x2, ${few} at 300x300; bodies of .npy, over HTTP, one at a time.`,
  `In one run, the languages in turns, on Node.js ${process.versions.node} and a machine with ${availableParallelism()} cores (load average ${load}).`,
);
console.log(lines.join('\n'));

const [file] = process.argv.slice(2);
if (file) {
  const [start, end] = ['<!-- figures: cargo xtask guests --measure -->', '<!-- end of figures -->'];
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no markers ${start} and ${end}`);
  writeFileSync(file, `${text.slice(0, from + start.length)}\n${lines.join('\n')}\n${text.slice(to)}`);
}
