// Registers every module of a folder, whatever language it was written in, and the component next to them.

const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const { registerModule } = require('bluecrab');

const folder = process.env.GUESTS_FOLDER ?? join(__dirname, '../../target/guests/modules');
const only = process.env.GUESTS_ONLY;

for (const file of readdirSync(folder)) {
  // A metered copy is loaded together with its module.
  if (/^[^.]*\.wasm$/.test(file) && (only === undefined || file === `${only}.wasm`))
    registerModule(join(folder, file));
}

const component = join(folder, 'component/component.js');
if (existsSync(component) && (only === undefined || only === 'component')) {
  const { registerComponent } = require('bluecrab/component');
  const functions = { echo: {}, multiply: {}, panic: {}, endless: {} };
  functions.greedy = { maxBodyBytes: 1024, maxMemoryBytes: 16 << 20 };
  for (const [name, options] of Object.entries(functions)) {
    registerComponent(component, { name: `${name}-component`, methods: ['POST'], ...options });
  }
}
