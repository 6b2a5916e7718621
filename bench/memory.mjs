// Shows what the resident memory of a process consists of, step by step. Each round runs in a new process:
//
//     node bench/memory.mjs MODULE.wasm FUNCTION BODY.json

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../apps/handler.mjs';
import { median } from './batch.mjs';

const ROUNDS = 9;
const CALLS = 1000;
/** The library starts its threads a moment after the module is loaded. */
const SETTLE_MS = 1000;

const [file, name, bodyFile, isChild] = process.argv.slice(2);
if (bodyFile === undefined) throw new Error('usage: node bench/memory.mjs MODULE.wasm FUNCTION BODY.json');
if (isChild) await measure();
else report();

/** Prints the resident memory after each step, in MiB. */
async function measure() {
  const steps = {};
  const step = (what) => {
    steps[what] = process.memoryUsage.rss() / 2 ** 20;
  };
  const library = createRequire(import.meta.url)('@azure/functions');
  // Node.js loads its classes for HTTP when they are first used.
  const { HttpRequest } = library;
  const example = { method: 'POST', url: 'http://localhost/', body: { bytes: Buffer.of(0) } };
  await new Response(await new HttpRequest(example).arrayBuffer()).arrayBuffer();
  step('Node.js with @azure/functions');
  const { handler } = await import('bluecrab');
  step('the library');
  const handle = handler(resolve(file), name);
  step('the module');
  await sleep(SETTLE_MS);
  step('the threads with their instances');
  const body = readFileSync(bodyFile);
  for (let count = 0; count < CALLS; count++) {
    const { status } = await call(library, handle, body);
    if (status !== 200) throw new Error(`the status is ${status}`);
  }
  step(`${CALLS} calls`);
  console.log(JSON.stringify(steps));
  process.exit();
}

/** Compares one thread with two, and the library without the metered copy with the library with it. */
function report() {
  const settings = ['1 0', '2 0', '2 1'].map((setting) => setting.split(' '));
  const rounds = settings.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [threads, inline]] of settings.entries()) {
      const env = { ...process.env, BLUECRAB_THREADS: threads, BLUECRAB_INLINE: inline };
      const child = [import.meta.filename, file, name, bodyFile, 'child'];
      rounds[index].push(JSON.parse(execFileSync(process.execPath, child, { env, encoding: 'utf8' })));
    }
  }
  console.log('MiB after each step: 1 thread, 2 threads, 2 threads and the metered copy');
  for (const what of Object.keys(rounds[0][0])) {
    const columns = rounds.map((all) =>
      median(all.map((steps) => steps[what]))
        .toFixed(1)
        .padStart(7),
    );
    console.log(`${columns.join(' ')}  ${what}`);
  }
}
