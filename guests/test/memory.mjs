// Calls a function many times in this process, and prints the resident memory in MB on the way.
//
//     node guests/test/memory.mjs WAY [CALLS]

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.env.BLUECRAB_THREADS = '1';

const { agent, call, listen } = await import('../../npm/bluecrab/test/app.mjs');
const { registerModule, registerProgram } = await import('bluecrab');
const { registerComponent } = await import('bluecrab/component');

const built = (variable, name) =>
  process.env[variable] ?? fileURLToPath(new URL(`../../target/guests/${name}`, import.meta.url));
const modules = built('GUESTS_FOLDER', 'modules');
const programs = built('PROGRAMS_FOLDER', 'programs');
const scratch = mkdtempSync(join(tmpdir(), 'memory-'));

const [way, calls = '10000'] = process.argv.slice(2);

/** What registers the function of each way, and the body of its calls. */
const ways = {
  program: () => program('rust'),
  'program-python': () =>
    program('python', {
      args: ['/main.py'],
      files: fileURLToPath(new URL('../programs/python', import.meta.url)),
    }),
  fresh: () => {
    copyFileSync(join(modules, 'zig.wasm'), join(scratch, 'zig.wasm'));
    const manifest = readFileSync(join(modules, 'zig.functions.json'), 'utf8').trim().split('\n');
    const echo = manifest.map((line) => JSON.parse(line)).find(({ name }) => name.startsWith('echo'));
    const line = JSON.stringify({ ...echo, name: 'called', run: 'fresh', requires: ['fresh'] });
    writeFileSync(join(scratch, 'zig.functions.json'), line);
    registerModule(join(scratch, 'zig.wasm'));
  },
  'component-call': () => component('component', 'call', 'echo'),
  'component-kept': () => component('component', 'kept', 'echo'),
  'javascript-call': () => component('javascript-component', 'call', 'echo'),
  'python-call': () => component('python-component', 'call', 'echo'),
  'python-kept': () => component('python-component', 'kept', 'echo'),
};

function program(name, options) {
  registerProgram(join(programs, `${name}.wasm`), { name: 'called', ...options });
}

function component(name, instance, does) {
  const file = join(modules, 'components', `${name}.wasm`);
  registerComponent(file, { name: 'called', route: `${does}-${name}`, instance });
  path = `/api/${does}-${name}`;
}

let path = '/api/called';
ways[way]();
await listen();
const body = JSON.stringify(Array.from({ length: 1000 }, (_, index) => index));
const headers = { 'content-type': 'application/json' };
const resident = {};
for (let count = 1; count <= Number(calls); count++) {
  const { status, log } = await call('called', body, { path, headers });
  if (status !== 200) throw new Error(`call ${count} has status ${status}: ${JSON.stringify(log)}`);
  if ((count * 10) % Number(calls) === 0) resident[count] = Math.round(process.memoryUsage.rss() / 1e6);
}
console.log(JSON.stringify(resident));
agent.destroy();
rmSync(scratch, { recursive: true });
process.exit();
