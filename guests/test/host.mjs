// Starts the app with all modules, or with one of them, under the local host.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHost as start } from '../../apps/host.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

export const folder = process.env.GUESTS_FOLDER ?? path('../../target/guests/modules');

const isWasm = (file) => /^[^.]*\.wasm$/.test(file);
const inFolder = (name) => {
  const path = join(folder, name);
  return existsSync(path) ? readdirSync(path).filter(isWasm) : [];
};

/** The components that are built. */
export const components = inFolder('components').map((file) => file.replace(/\.wasm$/, ''));

/** The languages whose modules are built, Rust first. `component` is the Rust code as a wasi:http component. */
export const languages = [...inFolder(''), ...components.filter((name) => name === 'component')]
  .map((file) => file.replace(/\.wasm$/, ''))
  .sort((one, two) => (two === 'rust') - (one === 'rust') || one.localeCompare(two));

/** The queue functions are disabled: the host would start a storage emulator for them. */
const withoutQueues = Object.fromEntries(
  languages.map((language) => [`AzureWebJobs.shout-${language}.Disabled`, 'true']),
);

export async function startHost(env = {}) {
  const host = await start(path('../app'), { env: { GUESTS_FOLDER: folder, ...withoutQueues, ...env } });
  return {
    ...host,
    /** Posts a body. Returns the status, the media type and the bytes of the answer. */
    async post(name, body, type = 'application/x-npy') {
      const response = await fetch(`${host.url}/api/${name}`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, type: response.headers.get('content-type'), bytes };
    },
  };
}
