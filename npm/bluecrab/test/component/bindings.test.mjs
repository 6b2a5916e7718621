// Which bindings a component's file has, and what registration says about them.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

await import('../app.mjs');
const { registerModule } = await import('bluecrab');
const { registerComponent } = await import('bluecrab/component');

const HEADER = [0x00, 0x61, 0x73, 0x6d];
const COMPONENT = Uint8Array.from([...HEADER, 0x0d, 0x00, 0x01, 0x00]);
const MODULE = [...HEADER, 0x01, 0x00, 0x00, 0x00];
/** A module whose global has the initial value 1 + 2. */
const EXTENDED_CONST = [...MODULE, 0x06, 0x09, 0x01, 0x7f, 0x00, 0x41, 0x01, 0x41, 0x02, 0x6a, 0x0b];

const folder = mkdtempSync(join(tmpdir(), 'bluecrab-bindings-'));
after(() => {
  rmSync(folder, { recursive: true });
  setImmediate(() => process.exit());
});
let count = 0;

/** Writes a component's file and its bindings. Returns a function that registers it. */
function write({ file = COMPONENT, of = COMPONENT, imports = [], core = MODULE, options = {} }) {
  const name = `component${count++}`;
  const wasm = join(folder, `${name}.wasm`);
  if (file) writeFileSync(wasm, file);
  if (of) {
    const bindings = join(folder, `${name}.jco`);
    mkdirSync(bindings);
    const sha256 = createHash('sha256').update(of).digest('hex');
    const origin = { type: 'module', bluecrab: { sha256, imports } };
    writeFileSync(join(bindings, 'package.json'), JSON.stringify(origin));
    writeFileSync(join(bindings, 'component.js'), 'export const instantiate = () => ({});');
    writeFileSync(join(bindings, 'component.core.wasm'), Uint8Array.from(core));
  }
  return () => registerComponent(wasm, { name, ...options });
}

test('a component is registered with its bindings, and a deployed app needs only the bindings', () => {
  assert.doesNotThrow(write({ imports: ['wasi:http/types', 'wasi:sockets/tcp'] }));
  assert.doesNotThrow(write({ file: null }));
});

test('a component that cannot be served is refused at the start, with what to do', () => {
  for (const [what, reason] of [
    [{ of: null }, /component\d+\.wasm has no bindings in component\d+\.jco: run `bluecrab build`/],
    [{ file: null, of: null }, /has no bindings in component\d+\.jco: run `bluecrab build`/],
    [
      { of: Uint8Array.of(1) },
      /\.jco was made from another version of component\d+\.wasm: run `bluecrab build`/,
    ],
    [{ file: Uint8Array.from(MODULE) }, /is not a component: register a module with registerModule/],
    [{ imports: ['wasi:keyvalue/store'] }, /\.wasm imports wasi:keyvalue\/store; docs/],
    [{ options: { instance: 'kep' } }, /instance must be 'call' or 'kept'/],
  ]) {
    assert.throws(write(what), { message: reason });
  }
  const file = join(folder, 'component0.wasm');
  assert.throws(() => registerModule(file), {
    message: /is a component: register it with registerComponent/,
  });
});

test('a component with extended constant expressions needs Node.js 22', () => {
  const register = write({ core: EXTENDED_CONST });
  const message = /component\.core\.wasm needs Node\.js 22 or newer: it uses extended constant expressions/;
  if (Number.parseInt(process.versions.node, 10) < 22) assert.throws(register, { message });
  else assert.doesNotThrow(register);
});
