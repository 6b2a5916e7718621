// Measures the first calls of a fresh worker over HTTP, of one function or of several in turn. Each round starts a host
// for each function, and waits until the worker is at rest:
//
//     node bench/firstCall.mjs BODY.json ROUNDS APP PATH [APP PATH]...
//
// `GET /PATH` as a path sends GET requests without the body. With the app setting BLUECRAB_SERVER_TIMING=1 it also prints
// the stages of the calls.

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

/** Makes a call, and returns how many milliseconds the call and each of its stages took. */
function call(port, target, agent) {
  const [path, method = 'POST'] = target.split(' ').reverse();
  const sent = method === 'POST' ? body : '';
  const headers = { 'content-type': 'application/json', 'content-length': sent.length };
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the status is ${response.statusCode}`));
      const stages = stagesOf(response.headers['server-timing']);
      response.resume().on('end', () => resolve({ total: performance.now() - start, ...stages }));
    });
    outgoing.on('error', reject).end(sent);
  });
}

/** Reads the stages of a response. What is outside of them is the host's, the worker's and Node.js's time. */
function stagesOf(header = '') {
  const metrics = [...header.matchAll(/(?:^|, )([\w-]+);dur=([\d.]+)/g)];
  return Object.fromEntries(metrics.map(([, name, time]) => [name, Number(time)]));
}

/** Returns the calls' median of each time. */
function medians(calls) {
  const names = Object.keys(calls[0]);
  return Object.fromEntries(names.map((name) => [name, median(calls.map((call) => call[name]))]));
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
  times.later.push(medians(later));
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
  const usual = medians(times.later).total;
  for (const [name, calls] of Object.entries(times)) {
    const { total, ...stages } = medians(calls);
    const sorted = calls.map((call) => call.total.toFixed(2)).sort((one, two) => one - two);
    const ratio = (total / usual).toFixed(1);
    console.log(
      `  ${name.padEnd(7)} ${total.toFixed(2)} ms, x${ratio} (${sorted[0]} to ${sorted.at(-1)})`,
      ...Object.entries(stages).map(([stage, time]) => `${stage} ${time.toFixed(2)}`),
    );
  }
}
