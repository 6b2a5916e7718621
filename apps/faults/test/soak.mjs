// Sends good, bad and failing requests at random for a minute. Every answer is compared. Afterwards the processes must
// hold no more files and threads than before. Runs with `cargo xtask test --only soak`; the variables `MINUTES` and
// `SEED` change the duration and the requests.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { after, before, test } from 'node:test';
import { handlerOf } from '../../handler.mjs';
import { startHost } from '../../host.mjs';
import { generator } from '../../matrix/test/random.mjs';
import { readsProcesses, residentMiB, sleep } from './host.mjs';

const app = process.env.SOAK_APP;
const { MINUTES: minutes = 1, SEED: seed = 1 } = process.env;
const CALLERS = 8;
/** How many more threads may remain at the end than at the start. */
const SPARE_THREADS = 4;
/**
 * How many more files may be open: the host keeps a connection to the worker for each caller, and some that callers
 * left are not closed yet.
 */
const SPARE_FILES = 2 * CALLERS;
const JSON_TYPE = { 'content-type': 'application/json' };

let host;
let agent;
let worker;
before(async () => {
  host = await startHost(app, { env: { BLUECRAB_TIMEOUT_MULTIPLY_NDARRAY: '1ms' } });
  agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  ({ workerProcessId: worker } = await (await fetch(`${host.url}/admin/host/status`)).json());
});
after(() => host?.stop());

/** Sends a request. With `leave`, the client disconnects before the answer. */
function send({ method = 'POST', path, headers = {}, body = '', leave = false }) {
  return new Promise((resolve, reject) => {
    const length = method === 'POST' ? { 'content-length': Buffer.byteLength(body) } : {};
    const url = { host: '127.0.0.1', port: host.port, path: `/api/${path}`, method, agent };
    const outgoing = request({ ...url, headers: { ...length, ...headers } });
    outgoing.on('error', (error) => (leave ? resolve(undefined) : reject(error)));
    outgoing.on('response', async (response) => {
      try {
        const chunks = [];
        for await (const chunk of response) chunks.push(chunk);
        const type = response.headers['content-type'];
        resolve({ status: response.statusCode, type, bytes: Buffer.concat(chunks) });
      } catch (error) {
        if (leave) resolve(undefined);
        else reject(error);
      }
    });
    outgoing.end(body);
    if (leave) setTimeout(() => outgoing.destroy(), 2);
  });
}

/** Good requests with their expected answers, which come from Math.js or from the request itself. */
async function goodCases(random) {
  const mathjs = handlerOf(`${app}/functions/multiply-mathjs.js`, 'multiply-mathjs');
  const cases = [
    { method: 'GET', path: 'hello-node', expected: Buffer.from('Hello from Node.js') },
    { method: 'GET', path: 'hello-rust', expected: Buffer.from('Hello from Rust') },
    { method: 'GET', path: 'path-one/7', expected: Buffer.from('7') },
    // Instances that failed before must not answer.
    { method: 'GET', path: 'fail-before', expected: Buffer.from('false') },
  ];
  for (const length of [0, 1, 1000, 70_000, 1_000_000]) {
    const body = Buffer.from(Uint8Array.from({ length }, () => random.below(256)));
    cases.push({ path: 'bytes', body, expected: body });
  }
  for (const size of [1, 2, 3, 8, 20, 30, 60, 100, 300]) {
    const matrix = () => Array.from({ length: size }, () => Array.from({ length: size }, random.uniform));
    const body = Buffer.from(JSON.stringify([matrix(), matrix()]));
    const { bytes: expected } = await mathjs(body);
    cases.push({ path: 'multiply-rust', body, headers: JSON_TYPE, expected });
    if (size <= 30) cases.push({ path: 'multiply-mathjs', body, headers: JSON_TYPE, expected });
  }
  return cases;
}

/** Requests that must be answered with a problem, and its status. */
function badCases(large) {
  const get = (path, status) => ({ method: 'GET', path, status });
  const json = (path, body, status) => ({ path, body, headers: JSON_TYPE, status });
  const refused = [
    '',
    'null',
    '"matrix"',
    '[[[1,2],[3,4]],oops]',
    '[[[1]],[[2]]]x',
    '[[[1]]]',
    '[[[]],[[]]]',
  ];
  const failing = ['panic/k3y', 'stack', 'unreachable', 'exit', 'memory'].map((name) => `fail-${name}`);
  failing.push('give-no-json', 'give-internal', 'give-broken-header', 'give-broken-status');
  return [
    ...refused.map((body) => json('multiply-rust', body, 400)),
    // A large body runs on a thread, and its mistake is at the end.
    json('multiply-rust', large.subarray(0, -1), 400),
    json('multiply-mathjs', '[[[1]],oops]', 400),
    { ...json('multiply-rust', '[[[1]],[[1]]]', 406), headers: { ...JSON_TYPE, accept: 'text/csv' } },
    get('path-one/300', 400),
    get('custom', 401),
    { path: 'text', body: 'x'.repeat(300_000), status: 413 },
    get('give-result/11', 422),
    ...failing.map((path) => get(path, 500)),
    get('give-failure', 503),
    // The deadline is shorter than the work, but a busy event loop may see the answer before the deadline.
    { ...json('multiply-ndarray', large, 504), or: 200 },
  ];
}

function check({ path, status = 200, or, expected }, answer) {
  if (answer.status === or) return;
  assert.equal(answer.status, status, `${path}: ${answer.bytes.subarray(0, 200)}`);
  if (expected)
    assert.ok(answer.bytes.equals(expected), `${path} answers with ${answer.bytes.length} wrong bytes`);
  if (status < 400) return;
  assert.equal(answer.type, 'application/problem+json', path);
  assert.equal(JSON.parse(answer.bytes).status, status);
}

const held = (pid) => ['fd', 'task'].map((folder) => readdirSync(`/proc/${pid}/${folder}`).length);

test('every request is answered right, and the processes do not grow', {
  skip: !readsProcesses,
}, async () => {
  const random = generator(Number(seed));
  const good = await goodCases(random);
  const large = good.filter(({ path }) => path === 'multiply-rust').at(-1).body;
  const bad = badCases(large);
  for (const one of [...good, ...bad]) check(one, await send(one));
  await sleep(2000);
  const processes = { host: host.process, worker };
  const atRest = Object.values(processes).map(held);
  const memory = { host: [], worker: [] };
  let [sent, stopped] = [0, false];

  async function caller() {
    while (!stopped) {
      const draw = random.below(100);
      const one = random.pick(draw < 70 ? good : bad);
      if (draw >= 98) await send({ path: 'multiply-rust', body: large, headers: JSON_TYPE, leave: true });
      else check(one, await send(one));
      sent++;
    }
  }

  const end = Date.now() + Number(minutes) * 60_000;
  const callers = Promise.all(Array.from({ length: CALLERS }, caller)).finally(() => {
    stopped = true;
  });
  // `await callers` reports a failure.
  callers.catch(() => {});
  while (!stopped && Date.now() < end) {
    for (const [name, pid] of Object.entries(processes)) memory[name].push(residentMiB(pid));
    await sleep(500);
  }
  stopped = true;
  await callers;
  console.log(`${sent} requests`);
  assert.ok(sent > 100, `only ${sent} requests were sent`);

  const status = await (await fetch(`${host.url}/admin/host/status`)).json();
  assert.equal(status.workerProcessId, worker, 'the worker was replaced');
  agent.destroy();
  await sleep(3000);
  for (const [index, [name, pid]] of Object.entries(processes).entries()) {
    const [handles, threads] = held(pid);
    const [handlesBefore, threadsBefore] = atRest[index];
    assert.ok(
      handles <= handlesBefore + SPARE_FILES,
      `the ${name} has ${handles} open files, and had ${handlesBefore} before`,
    );
    assert.ok(
      threads <= threadsBefore + SPARE_THREADS,
      `the ${name} has ${threads} threads, and had ${threadsBefore} before`,
    );
    assertStable(name, memory[name]);
  }
});

/**
 * Asserts that the memory does not grow. Garbage collection makes it go up and down, so this compares the lowest sample
 * of the last fifth with the highest sample of the middle fifth.
 */
function assertStable(name, samples) {
  const fifth = (number) => samples.slice((number * samples.length) / 5, ((number + 1) * samples.length) / 5);
  const [middle, last] = [Math.max(...fifth(2)), Math.min(...fifth(4))];
  const most = middle + Math.max(32, 0.1 * middle);
  assert.ok(
    last <= most,
    `the memory of the ${name} grows from ${middle.toFixed(0)} MiB in the middle to ${last.toFixed(0)} MiB at the end`,
  );
}
