// Registers every module of a folder, whatever language it was written in, and the components next to them.

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

/** The options of each function, by component. */
const components = {
  component: {
    echo: {},
    multiply: {},
    panic: {},
    endless: {},
    deep: {},
    hoard: {},
    greedy: { maxBodyBytes: 1024, maxMemoryBytes: 16 << 20 },
  },
  'javascript-component': { echo: {}, count: {}, ask: {}, endless: {}, panic: {} },
  'python-component': { echo: {}, count: {}, ask: {}, endless: {}, panic: {} },
};
/** An instance with `addEventListener('fetch')` answers only one call. */
const instances = { 'javascript-component': 'call' };
/** The oldest version of Node.js that can run a component. */
const versions = { 'python-component': 22 };
const version = Number.parseInt(process.versions.node, 10);

for (const [name, functions] of Object.entries(components)) {
  const component = join(folder, 'components', `${name}.wasm`);
  if (!existsSync(component) || (only !== undefined && only !== name)) continue;
  if (version < (versions[name] ?? 0)) continue;
  const { registerComponent } = require('bluecrab/component');
  for (const [start, options] of Object.entries(functions)) {
    const instance = instances[name] ?? 'kept';
    registerComponent(component, { name: `${start}-${name}`, methods: ['POST'], instance, ...options });
  }
}
