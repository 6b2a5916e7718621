// Starts the app with all modules, or one, under the local host.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const executable = process.env.BLUECRAB ?? path('../../target/tools/bluecrab');

export const folder = process.env.GUESTS_FOLDER ?? path('../../target/guests/modules');

/** The languages of the modules that are built, Rust first; `component` is Rust's code as a wasi:http component. */
export const languages = readdirSync(folder)
  .filter((file) => file.endsWith('.wasm') || file === 'component')
  .map((file) => file.replace(/\.wasm$/, ''))
  .sort((one, two) => (two === 'rust') - (one === 'rust') || one.localeCompare(two));

export async function startHost(env = {}) {
  const started = performance.now();
  const child = spawn(executable, ['dev', path('../app'), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, GUESTS_FOLDER: folder, ...env },
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  const url = await new Promise((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      printed += `${line}\n`;
      const ready = /^Ready on (\S+)/.exec(line);
      if (ready) resolve(ready[1]);
    });
    child.on('error', reject).on('exit', () => reject(new Error(`the host ended:\n${printed}`)));
  });
  return {
    url,
    started,
    /** Posts a body; gives status, media type and the bytes of the answer. */
    async post(name, body, type = 'application/x-npy') {
      const response = await fetch(`${url}/api/${name}`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, type: response.headers.get('content-type'), bytes };
    },
    printed: () => printed,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
