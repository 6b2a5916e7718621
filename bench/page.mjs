// Measures what an open page at `/` costs the invocations: rounds with and without a reader of the page's events, in turn
// and on the same host, by one caller and by eight at once:
//
//     node bench/page.mjs APP PATH [BODY.json]

import { readFileSync } from 'node:fs';
import { Agent, get, request } from 'node:http';
import { startHost } from '../apps/host.mjs';
import { median } from './batch.mjs';

const ROUNDS = 30;
const CALLS = 500;
const WARM_UP = 4000;

const [app, path, file] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: node bench/page.mjs APP PATH [BODY.json]');
const body = file === undefined ? undefined : readFileSync(file);
const method = body === undefined ? 'GET' : 'POST';
const headers =
  body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
const host = await startHost(app, { flags: ['--quiet'] });
const agent = new Agent({ keepAlive: true });
const address = { host: '127.0.0.1', port: host.port };

/** Makes a call, and returns how many milliseconds it took. */
function call() {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...address, path, method, headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`the status is ${response.statusCode}`));
      response.resume().on('end', () => resolve(performance.now() - start));
    });
    outgoing.on('error', reject).end(body);
  });
}

/** Makes calls, and returns the median of their times and the time for all of them, in milliseconds. */
async function round(callers, calls = CALLS) {
  const times = [];
  const caller = async () => {
    while (times.length < calls) times.push(await call());
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return { latency: median(times), all: performance.now() - start };
}

/** Reads the events of the page as a browser does. Returns what ends the reading. */
async function openPage() {
  const reading = get({ ...address, path: '/admin/page/events', agent: false });
  const response = await new Promise((resolve, reject) =>
    reading.on('response', resolve).on('error', reject),
  );
  response.on('error', () => undefined).resume();
  return () => reading.destroy();
}

const sorted = (values) => values.toSorted((a, b) => a - b);
for (const callers of [1, 8]) {
  await round(callers, WARM_UP);
  const rounds = [];
  for (let count = 0; count < ROUNDS; count++) {
    const pair = {};
    for (const isOpen of count % 2 === 0 ? [false, true] : [true, false]) {
      const close = isOpen ? await openPage() : () => undefined;
      pair[isOpen ? 'open' : 'closed'] = await round(callers);
      close();
    }
    rounds.push(pair);
  }
  for (const what of ['latency', 'all']) {
    const ratios = sorted(rounds.map(({ open, closed }) => open[what] / closed[what]));
    const quartile = (part) => ratios[Math.floor(ROUNDS * part)].toFixed(3);
    const closed = median(rounds.map((pair) => pair.closed[what]));
    const name = what === 'latency' ? 'median latency' : `time of ${CALLS} calls`;
    console.log(
      `${callers} at once: ${name} without a page ${closed.toFixed(3)} ms; with a page ` +
        `${median(ratios).toFixed(3)} of it (quartiles ${quartile(0.25)} to ${quartile(0.75)})`,
    );
  }
}
agent.destroy();
await host.stop();
