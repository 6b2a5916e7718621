// Measures the first calls of a fresh worker over HTTP, of one function or of several in turn. Each round starts a host
// for each function, and waits until the worker is at rest:
//
//     node bench/firstCall.mjs BODY.json ROUNDS APP PATH [APP PATH]...

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHost } from '../apps/host.mjs';
import { median } from './batch.mjs';

const REST_MS = 3000;
const LATER_CALLS = 30;

const [file, rounds, ...pairs] = process.argv.slice(2);
if (pairs.length === 0 || pairs.length % 2 === 1)
  throw new Error('usage: node bench/firstCall.mjs BODY.json ROUNDS APP PATH [APP PATH]...');
const body = readFileSync(file);

/** Makes a call, and returns how many milliseconds it took. */
function call(port, path, agent) {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path, method: 'POST', headers, agent },
      (response) => {
        if (response.statusCode !== 200) reject(new Error(`the status is ${response.statusCode}`));
        response.resume().on('end', () => resolve(performance.now() - start));
      },
    );
    outgoing.on('error', reject).end(body);
  });
}

/** Starts a worker, and adds the times of its calls to the times of other workers. */
async function measure({ app, path, times }) {
  const host = await startHost(app);
  const agent = new Agent({ keepAlive: true });
  await sleep(REST_MS);
  times.first.push(await call(host.port, path, agent));
  times.second.push(await call(host.port, path, agent));
  const later = [];
  for (let count = 0; count < LATER_CALLS; count++) later.push(await call(host.port, path, agent));
  times.later.push(median(later));
  agent.destroy();
  await host.stop();
}

const subjects = [];
for (let index = 0; index < pairs.length; index += 2) {
  const [app, path] = pairs.slice(index);
  subjects.push({ app, path, times: { first: [], second: [], later: [] } });
}
for (let round = 0; round < Number(rounds); round++) {
  for (const subject of subjects) await measure(subject);
}
for (const { app, path, times } of subjects) {
  console.log(`${app} ${path}`);
  for (const [name, list] of Object.entries(times)) {
    const sorted = list.toSorted((one, two) => one - two).map((time) => time.toFixed(2));
    const ratio = (median(list) / median(times.later)).toFixed(1);
    console.log(
      `  ${name.padEnd(7)} ${median(list).toFixed(2)} ms, x${ratio} (${sorted[0]} to ${sorted.at(-1)})`,
    );
  }
}
