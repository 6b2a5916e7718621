// Components that fail before their first call: each call fails alone.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import createWabt from 'wabt';

process.env.BLUECRAB_THREADS = '1';

const { call, listen } = await import('../app.mjs');
const { registerComponent } = await import('bluecrab/component');
const { residentMiB } = await import('../memory.mjs');

const wabt = await createWabt();
const MIB = 1 << 20;
const folder = mkdtempSync(join(tmpdir(), 'bluecrab-hostile-'));

/** The code of each component's core module. */
const cores = {
  good: '',
  'traps-at-its-start': '(func $f unreachable) (start $f)',
  'loops-at-its-start': '(func $f (loop $again (br $again))) (start $f)',
  'calls-itself-at-its-start': '(func $f (call $f) (drop (i32.const 1))) (start $f)',
  'traps-with-a-large-memory': `(func $f (drop (memory.grow (i32.const 4800)))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const ${300 * MIB})) unreachable) (start $f)`,
  'has-no-room-for-its-data': '(data (i32.const 65535) "ab")',
};

const BINDINGS = `
  export function instantiate(core, imports, instantiateCore) {
    const { Fields, OutgoingResponse, ResponseOutparam } = imports['wasi:http/types'];
    instantiateCore(core('component.core.wasm'));
    const handle = (_, outparam) => {
      ResponseOutparam.set(outparam, { tag: 'ok', val: new OutgoingResponse(new Fields()) });
    };
    return { incomingHandler: { handle } };
  }`;

before(async () => {
  for (const [name, text] of Object.entries(cores)) {
    mkdirSync(join(folder, name));
    const module = wabt.parseWat(name, `(module (memory (export "memory") 1) ${text})`).toBinary({}).buffer;
    writeFileSync(join(folder, name, 'component.core.wasm'), module);
    writeFileSync(join(folder, name, 'component.mjs'), BINDINGS);
    const timeoutMs = name === 'loops-at-its-start' ? 300 : 60_000;
    registerComponent(join(folder, name, 'component.mjs'), { name, timeoutMs, maxMemoryBytes: 320 * MIB });
  }
  await listen();
});

after(() => {
  rmSync(folder, { recursive: true });
  setImmediate(() => process.exit());
});

/** Calls a component, and the good component after it. Returns the status and the last entry of the log. */
async function answer(name) {
  const { status, log } = await call(name);
  assert.equal((await call('good')).status, 200);
  return [status, log.at(-1)?.[1]];
}

for (const [name, expected, reason] of [
  ['traps-at-its-start', 500, /failed in WebAssembly: unreachable/],
  ['loops-at-its-start', 504, /it has run for 300 ms, its deadline/],
  ['calls-itself-at-its-start', 500, /Maximum call stack size exceeded/],
  ['has-no-room-for-its-data', 500, /data segment .*is out of bounds/],
]) {
  test(`a component fails its call only if it ${name.replaceAll('-', ' ')}`, async () => {
    for (let count = 0; count < 2; count++) {
      const [status, message] = await answer(name);
      assert.equal(status, expected);
      assert.match(message, reason);
    }
  });
}

test('the memory of a component that fails at its start is freed', async () => {
  const before = await residentMiB();
  for (let count = 0; count < 4; count++) assert.equal((await call('traps-with-a-large-memory')).status, 500);
  const grown = (await residentMiB(before + 200)) - before;
  assert.ok(grown < 200, `${grown.toFixed(0)} MiB are held after four calls that took 300 MiB each`);
});
