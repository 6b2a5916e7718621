// Serves each bundle of the app from a folder with nothing but the files that the bundle needs. The calls run on the
// event loop, on threads and in a component, and one call's thread has to be ended.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startHost } from '../../host.mjs';
import { bundles } from './bundlers.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const wasm = process.env.FAULTS_MODULE ?? path('../../../target/wasm32-wasip1/release/faults.wasm');
const folder = mkdtempSync(join(tmpdir(), 'bluecrab-bundled-'));

/** The folder in which `src/beside.mjs` looks for the module. */
const assets = path('../assets');
mkdirSync(assets, { recursive: true });
copyModule(assets);

after(() => {
  for (const made of [folder, assets]) rmSync(made, { recursive: true, force: true });
});

/** Copies the module and its metered copy, without which no call runs on the event loop. */
function copyModule(to) {
  cpSync(wasm, join(to, 'faults.wasm'));
  cpSync(wasm.replace(/\.wasm$/, '.metered.wasm'), join(to, 'faults.metered.wasm'));
}

/** Bindings as jco would write them for a component that answers with the length of the request's body. */
const COMPONENT = `
  export function instantiate(core, imports) {
    const { Fields, OutgoingResponse, ResponseOutparam } = imports['wasi:http/types'];
    const handle = (request, outparam) => {
      const { length } = request.consume().stream().read(1_000_000n);
      const response = new OutgoingResponse(new Fields());
      response.body().write().write(new TextEncoder().encode(String(length)));
      ResponseOutparam.set(outparam, { tag: 'ok', val: response });
    };
    return { incomingHandler: { handle } };
  }`;

/** Writes an app whose entry file is a bundle. */
async function assemble(name, extension, bundle) {
  const app = join(folder, name.replace(/\W+/g, '-'));
  const entry = `dist/index${extension}`;
  mkdirSync(join(app, 'dist'), { recursive: true });
  mkdirSync(join(app, 'component'));
  mkdirSync(join(app, 'node_modules/@azure'), { recursive: true });
  symlinkSync(
    path('../../../node_modules/@azure/functions'),
    join(app, 'node_modules/@azure/functions'),
    'junction',
  );
  writeFileSync(join(app, 'host.json'), '{"version":"2.0"}');
  writeFileSync(join(app, 'package.json'), JSON.stringify({ main: entry }));
  writeFileSync(join(app, 'component/component.mjs'), COMPONENT);
  copyModule(app);
  await bundle(join(app, entry));
  return app;
}

describe('a bundle by', () => {
  for (const [name, extension, bundle] of bundles) {
    test(name, async () => {
      const host = await startHost(await assemble(name, extension, bundle));
      const call = async (name, body) => {
        const response = await fetch(`${host.url}/api/${name}`, { method: 'POST', body });
        return { status: response.status, text: await response.text() };
      };
      try {
        const good = { status: 200, text: '1a47e90b 3' };
        assert.deepEqual(await call('good', 'abc'), good, host.printed());
        assert.deepEqual(await call('good', 'abc'), good, 'again, on the event loop if the copy is there');
        assert.deepEqual(await call('component', 'abcd'), { status: 200, text: '4' }, host.printed());
        assert.equal((await call('panics', '')).status, 500);
        assert.equal((await call('loops', '')).status, 504);
        assert.deepEqual(await call('good', 'abc'), good, 'on the thread that has taken its place');
      } finally {
        await host.stop();
      }
    });
  }
});
