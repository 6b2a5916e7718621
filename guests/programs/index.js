// Registers the same function in several languages: programs, scripts with their interpreters, modules and components.

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { registerModule, registerProgram } = require('bluecrab');

const folder = process.env.PROGRAMS_FOLDER ?? join(__dirname, '../../target/guests/programs');
const only = process.env.PROGRAMS_ONLY;

const script = (name, file) => ({ args: [`/${file}`], files: join(__dirname, name) });

const programs = {
  rust: {},
  c: {},
  zig: {},
  'go-cgi': {},
  lua: script('lua', 'statistics.lua'),
  quickjs: script('quickjs', 'statistics.mjs'),
  python: script('python', 'main.py'),
};

for (const [name, options] of Object.entries(programs)) {
  const file = join(folder, `${name}.wasm`);
  if (existsSync(file) && (only ?? name) === name) {
    registerProgram(file, { name: `statistics-${name}`, methods: ['POST'], ...options });
  }
}

// Every module and component has a function of the same name, so an app loads only one of them.
if (only?.startsWith('module-')) registerModule(join(folder, `${only}.wasm`));
if (only?.startsWith('component-')) {
  const { registerComponent } = require('bluecrab/component');
  // An instance with addEventListener('fetch') answers only one call.
  const instance = only === 'component-javascript' ? 'call' : 'kept';
  registerComponent(join(folder, `${only}.wasm`), { name: 'statistics', methods: ['POST'], instance });
}
