// When a thread makes instances of a component: before the first call, and for `instance: 'call'` before each next
// call.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

process.env.BLUECRAB_THREADS = '1';

const { call, listen } = await import('../app.mjs');
const { registerComponent } = await import('bluecrab/component');

const folder = mkdtempSync(join(tmpdir(), 'bluecrab-instances-'));
const functions = ['call', 'kept'];
const file = (kind) => join(folder, kind);
process.env.INSTANCES_FOLDER = folder;

/** Each instance appends a byte to a file, and answers with the number of its calls. */
const bindings = (kind) => `
  import { appendFileSync, existsSync } from 'node:fs';
  import { join } from 'node:path';
  export function instantiate(core, imports) {
    if (existsSync(join(process.env.INSTANCES_FOLDER, 'broken'))) throw new Error('it is broken');
    appendFileSync(join(process.env.INSTANCES_FOLDER, '${kind}'), '.');
    const { Fields, OutgoingResponse, ResponseOutparam } = imports['wasi:http/types'];
    let calls = 0;
    const handle = (request, outparam) => {
      const response = new OutgoingResponse(new Fields());
      response.body().write().write(new TextEncoder().encode(String(++calls)));
      ResponseOutparam.set(outparam, { tag: 'ok', val: response });
    };
    return { incomingHandler: { handle } };
  }`;

/** Waits until this many instances were made. */
async function made(kind, count) {
  const instances = () => (existsSync(file(kind)) ? readFileSync(file(kind)).length : 0);
  while (instances() < count) await sleep(5);
  assert.equal(instances(), count);
}

before(async () => {
  for (const kind of functions) {
    writeFileSync(join(folder, `${kind}.mjs`), bindings(kind));
    registerComponent(join(folder, `${kind}.mjs`), { name: kind, instance: kind });
  }
  await listen();
});

after(() => {
  rmSync(folder, { recursive: true });
  setImmediate(() => process.exit());
});

test('an instance is ready before the first call, and before each next call', async () => {
  for (const kind of functions) await made(kind, 1);
  for (let count = 1; count <= 3; count++) {
    const answer = await call('call');
    assert.deepEqual([answer.status, answer.body.toString()], [200, '1']);
    await made('call', count + 1);
    assert.equal((await call('kept')).body.toString(), String(count));
  }
  await made('kept', 1);
});

test('the next call says why no instance could be made', async () => {
  const printed = [];
  const { error } = console;
  console.error = (text) => printed.push(text);
  writeFileSync(join(folder, 'broken'), '');
  assert.equal((await call('call')).status, 200);
  while (printed.length === 0) await sleep(5);
  console.error = error;
  assert.deepEqual(printed, ['the warm-up of call: it failed: it is broken']);
  const { status, log } = await call('call');
  assert.equal(status, 500);
  assert.match(log.at(-1)[1], /function call failed in WebAssembly: it is broken/);
});
