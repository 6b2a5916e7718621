// Measures the first calls of a fresh worker over HTTP. Each round starts a host and waits until the worker is at rest:
//
//     node bench/firstCall.mjs APP PATH BODY.json [ROUNDS]

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHost } from '../apps/host.mjs';
import { median } from './batch.mjs';

const REST_MS = 3000;
const LATER_CALLS = 30;

const [app, path, file, rounds = 10] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node bench/firstCall.mjs APP PATH BODY.json [ROUNDS]');
const body = readFileSync(file);

/** Makes a call, and returns how many milliseconds it took. */
function call(port, agent) {
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

const [first, second, later] = [[], [], []];
for (let round = 0; round < Number(rounds); round++) {
  const host = await startHost(app);
  const agent = new Agent({ keepAlive: true });
  await sleep(REST_MS);
  first.push(await call(host.port, agent));
  second.push(await call(host.port, agent));
  const times = [];
  for (let count = 0; count < LATER_CALLS; count++) times.push(await call(host.port, agent));
  later.push(median(times));
  agent.destroy();
  await host.stop();
}
for (const [name, times] of Object.entries({ first, second, later })) {
  const sorted = times.toSorted((one, two) => one - two).map((time) => time.toFixed(2));
  const ratio = (median(times) / median(later)).toFixed(1);
  console.log(
    `${name.padEnd(7)} ${median(times).toFixed(2)} ms, x${ratio} (${sorted[0]} to ${sorted.at(-1)})`,
  );
}
