// Components, by bindings as jco writes them: who is let in.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

process.env.BLUECRAB_THREADS = '1';
process.env.BLUECRAB_QUEUE = '1';

const { answerTo, forward, invoke, listen } = await import('./app.mjs');
const { registerComponent } = await import('bluecrab/component');

/** A core module with a memory of one page, exported. */
const CORE = [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x05, 0x03, 0x01, 0x00, 0x01],
  ...[0x07, 0x0a, 0x01, 0x06, ...Buffer.from('memory'), 0x02, 0x00],
];
/** Answers how often its instance has been called. */
const BINDINGS = `
  let calls = 0;
  export function instantiate(core, imports, instantiateCore) {
    const { Fields, OutgoingResponse, ResponseOutparam } = imports['wasi:http/types'];
    instantiateCore(core('component.core.wasm'));
    const handle = (request, outparam) => {
      calls++;
      const does = request.pathWithQuery().split('/').pop();
      if (does === 'waits') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      const response = new OutgoingResponse(new Fields());
      response.body().write().write(new TextEncoder().encode(String(calls)));
      ResponseOutparam.set(outparam, { tag: 'ok', val: response });
    };
    return { incomingHandler: { handle } };
  }`;

const folder = mkdtempSync(join(tmpdir(), 'bluecrab-component-'));
const agent = new Agent({ keepAlive: true });

before(async () => {
  writeFileSync(join(folder, 'component.core.wasm'), Uint8Array.from(CORE));
  writeFileSync(join(folder, 'component.mjs'), BINDINGS);
  registerComponent(join(folder, 'component.mjs'), { name: 'component', route: '{*path}' });
  await listen();
});

after(() => {
  agent.destroy();
  rmSync(folder, { recursive: true });
  setImmediate(() => process.exit());
});

function start(does) {
  const { id, request } = forward(does, { agent });
  return { request, invoked: invoke('component', id) };
}

async function call(does) {
  const { request, invoked } = start(does);
  request.end();
  const [answer] = await Promise.all([answerTo(request), invoked]);
  return { status: answer.status, body: answer.body.toString() };
}

test('who is refused is refused before his body is read', async () => {
  const served = [call('waits'), call('waits')];
  await sleep(300);
  const { request, invoked } = start('refused');
  request.on('error', () => undefined);
  request.write('the first of a body that does not end');
  const answer = await Promise.race([answerTo(request), sleep(500)]);
  request.destroy();
  assert.equal(answer?.status, 503);
  await Promise.allSettled([invoked]);
  assert.deepEqual(
    (await Promise.all(served)).map(({ status }) => status),
    [200, 200],
  );
});

test('who has left the queue is not served, and another has his place', async () => {
  const before = Number((await call('counts')).body);
  const served = call('waits');
  await sleep(100);
  const { request, invoked } = start('left');
  request.on('error', () => undefined);
  request.end();
  await sleep(100);
  request.destroy();
  await sleep(100);
  assert.deepEqual(await call('counts'), { status: 200, body: String(before + 2) });
  assert.equal((await served).status, 200);
  await Promise.allSettled([invoked]);
});
