// Calls of components, with bindings such as jco writes.

import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

process.env.BLUECRAB_THREADS = '1';
process.env.BLUECRAB_QUEUE = '1';
process.env.BLUECRAB_RECYCLE_BYTES = String(64 << 20);
process.env.BLUECRAB_SERVER_TIMING = '1';
process.env.BLUECRAB_TIMEOUT_SHORT = '3s';

const { answerTo, forward, invoke, listen } = await import('../app.mjs');
const { registerComponent } = await import('bluecrab/component');
const { residentMiB } = await import('../memory.mjs');
const { source } = await import('../source.mjs');
const { callComponent } = await source('component/call');

const MIB = 1 << 20;
/** A core module that exports a memory of one page. */
const CORE = [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x05, 0x03, 0x01, 0x00, 0x01],
  ...[0x07, 0x0a, 0x01, 0x06, ...Buffer.from('memory'), 0x02, 0x00],
];
/** The component's response says how often its instance was called. `waits` holds its thread until a file exists. */
const BINDINGS = `
  import { existsSync } from 'node:fs';
  let calls = 0;
  export function instantiate(core, imports, instantiateCore) {
    const { Fields, OutgoingResponse, ResponseOutparam } = imports['wasi:http/types'];
    const { memory } = instantiateCore(core('component.core.wasm')).exports;
    const { MANY: many, TIMES: times } = process.env;
    if (many) for (let count = 0; count < times; count++) instantiateCore(core(many));
    const handle = (request, outparam) => {
      calls++;
      const does = request.pathWithQuery().split('/').pop();
      const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      if (does === 'waits') while (!existsSync(process.env.RELEASE)) pause();
      if (does === 'grows' || does === 'traps') {
        memory.grow(${(300 * MIB) / 65_536});
        new Uint8Array(memory.buffer).fill(1);
      }
      if (does === 'traps') throw new Error('unreachable');
      if (does === 'prints') {
        for (const [name, write] of [['stdout', 'getStdout'], ['stderr', 'getStderr']]) {
          const stream = imports['wasi:cli/' + name][write]();
          for (let line = 0; line < 3000; line++) stream.write(new TextEncoder().encode('line ' + line + '\\n'));
        }
      }
      if (does === 'loops') {
        imports['wasi:cli/stdout'].getStdout().write(new TextEncoder().encode('it loops\\n'));
        for (;;) {}
      }
      try {
        if (does === 'exits') imports['wasi:cli/exit'].exit({ tag: 'ok' });
      } catch {}
      const fields = new Fields();
      if (does === 'hops') for (const name of ['te', 'trailer', 'Keep-Alive', 'x-kept']) fields.append(name, new TextEncoder().encode('1'));
      const response = new OutgoingResponse(fields);
      response.body().write().write(new TextEncoder().encode(String(calls)));
      ResponseOutparam.set(outparam, { tag: 'ok', val: response });
    };
    return { incomingHandler: { handle } };
  }`;

const folder = mkdtempSync(join(tmpdir(), 'bluecrab-component-'));
const agent = new Agent({ keepAlive: true });
process.env.RELEASE = join(folder, 'release');
/** Lets the calls of `waits` go on. */
const release = () => writeFileSync(process.env.RELEASE, '');
/** The error of a component whose tables are too large. */
let refusal;

before(async () => {
  writeFileSync(join(folder, 'component.core.wasm'), Uint8Array.from(CORE));
  writeFileSync(join(folder, 'empty.core.wasm'), Uint8Array.from(CORE.slice(0, 8)));
  writeFileSync(join(folder, 'component.mjs'), BINDINGS);
  registerComponent(join(folder, 'component.mjs'), { name: 'component', route: '{*path}' });
  registerComponent(join(folder, 'component.mjs'), { name: 'short', route: 'short/{*path}' });
  const large = join(folder, 'large');
  mkdirSync(large);
  const tables = [0x04, 0x09, 0x02, ...[0x6f, 0x00, 0x80, 0x89, 0x7a], ...[0x70, 0x00, 0x01]];
  writeFileSync(join(large, 'large.core.wasm'), Uint8Array.from([...CORE.slice(0, 8), ...tables]));
  try {
    registerComponent(join(large, 'large.mjs'), { name: 'large' });
  } catch (error) {
    refusal = error;
  }
  await listen();
});

after(() => {
  agent.destroy();
  rmSync(folder, { recursive: true });
  setImmediate(() => process.exit());
});

const arrived = new Set();
subscribe('http.server.request.start', ({ request }) => arrived.add(request.headers['x-ms-invocation-id']));

/** Begins a call, and waits until it has arrived, and so has its place in the queue. */
async function begin(does, write = (request) => request.end()) {
  const { id, request } = forward(does, { agent });
  request.on('error', () => undefined);
  const [answered, invoked] = [answerTo(request), invoke('component', id)];
  answered.catch(() => undefined);
  write(request);
  while (!arrived.has(id)) await sleep(1);
  return { request, answered, invoked };
}

async function result({ answered, invoked }) {
  const [answer] = await Promise.all([answered, invoked]);
  return { status: answer.status, body: answer.body.toString() };
}

const call = async (does) => result(await begin(does));

async function callWithLog(does, name = 'component') {
  const { id, request } = forward(does, { agent });
  request.end();
  const [answer, log] = await Promise.all([answerTo(request), invoke(name, id)]);
  return { status: answer.status, headers: answer.headers, log };
}

test('the response has the times of its stages', async () => {
  const { headers } = await callWithLog('counts');
  assert.match(headers['server-timing'], /queue;dur=[\d.]+, .*compute;dur=[\d.]+, copy-out;dur=[\d.]+$/);
});

test('header fields of one connection are dropped, as from a module', async () => {
  const compiled = new WebAssembly.Module(Uint8Array.from(CORE));
  const cores = new Map([['component.core.wasm', { compiled, hasMemory: true }]]);
  const limits = { maxMemoryBytes: MIB, recycleBytes: MIB };
  const template = {
    id: 'hops',
    file: join(folder, 'component.mjs'),
    cores,
    isKept: true,
    env: [],
    ...limits,
  };
  const request = { method: 'GET', url: 'http://localhost/hops', headers: [] };
  const task = { kind: 'component', template, request, body: new Uint8Array(), logLevel: 0, isTimed: false };
  const { headers } = await callComponent(task, () => undefined);
  assert.deepEqual(headers, [['x-kept', '1']]);
});

test('a call that exceeds its deadline is ended, its log is kept, and the next call is answered', async () => {
  const { status, log } = await callWithLog('loops', 'short');
  assert.equal(status, 504);
  assert.deepEqual(log, [
    ['information', 'it loops'],
    ['error', 'function short was ended: it has run for 3000 ms, its deadline'],
  ]);
  assert.equal((await call('counts')).status, 200);
});

test('an exit fails the call even if the component catches it, and the next call is answered', async () => {
  const { status, log } = await callWithLog('exits');
  assert.equal(status, 500);
  assert.match(log.at(-1)[1], /it ended itself$/);
  assert.equal((await call('counts')).status, 200);
});

test('a flood of lines leaves room for the last errors', async () => {
  const { status, log } = await callWithLog('prints');
  assert.equal(status, 200);
  assert.equal(log.filter(([level]) => level === 'information').length, 1000);
  assert.equal(log.filter(([level]) => level === 'error').length, 200);
  assert.deepEqual(log.at(-1), ['error', 'line 2999']);
});

test('core modules have the same limits as modules, and their instances are limited', async () => {
  assert.match(
    refusal.message,
    /large\.core\.wasm is refused: its tables have 2000001 entries from the start/,
  );
  for (const [many, times, reason] of [
    ['empty.core.wasm', 100, /it has more than 100 core instances/],
    ['component.core.wasm', 10, /it has more than 10 memories/],
  ]) {
    Object.assign(process.env, { MANY: many, TIMES: String(times) });
    await call('traps');
    const { status, log } = await callWithLog('counts');
    assert.equal(status, 500);
    assert.match(log.at(-1)[1], reason);
  }
  delete process.env.MANY;
  assert.equal((await call('counts')).status, 200);
});

test('a request is refused before its body is read', async () => {
  rmSync(process.env.RELEASE, { force: true });
  const served = [await begin('waits'), await begin('waits')];
  const refused = await begin('refused', (request) => request.write('a body that does not end'));
  assert.equal((await refused.answered).status, 503);
  refused.request.destroy();
  await Promise.allSettled([refused.invoked]);
  release();
  for (const call of served) assert.equal((await result(call)).status, 200);
});

test('a call whose client disconnects leaves the queue and frees its place', async () => {
  rmSync(process.env.RELEASE, { force: true });
  const before = Number((await call('counts')).body);
  const served = await begin('waits');
  const left = await begin('left');
  left.request.destroy();
  await Promise.allSettled([left.invoked]);
  const next = await begin('counts');
  release();
  assert.deepEqual(await result(next), { status: 200, body: String(before + 2) });
  assert.equal((await result(served)).status, 200);
});

for (const [does, status] of [
  ['grows', 200],
  ['traps', 500],
]) {
  test(`the memory of an instance that ${does} is freed after the call`, async () => {
    await call('counts');
    const before = await residentMiB();
    for (let count = 0; count < 3; count++) assert.equal((await call(does)).status, status);
    const grown = (await residentMiB(before + 100)) - before;
    assert.ok(grown < 100, `${grown.toFixed(0)} MiB are held after three calls that took 300 MiB each`);
  });
}
