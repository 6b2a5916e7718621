// Builds the library into one file for Node.js and one for bundlers. Both contain the code of the worker threads, so that a
// bundle of an app needs no other file.

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
rmSync(file('dist'), { recursive: true, force: true });
mkdirSync(file('dist'));

const options = {
  absWorkingDir: file('.'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['@azure/functions'],
  logLevel: 'warning',
};

const thread = await build({ ...options, entryPoints: ['src/pool/thread.ts'], format: 'cjs', write: false });
const define = { THREAD_SOURCE: JSON.stringify(thread.outputFiles[0].text) };
for (const [format, outfile] of [
  ['cjs', 'dist/library.js'],
  ['esm', 'dist/library.mjs'],
]) {
  await build({ ...options, entryPoints: ['src/library.ts'], define, format, outfile });
}

// Node.js loads the CommonJS file for `require` and for `import`, so that both share one copy. Bundlers load the ES module.
const exported = { index: 'handler, registerModule', component: 'registerComponent' };
for (const [entry, names] of Object.entries(exported)) {
  const write = (extension, text) => writeFileSync(file(`dist/${entry}${extension}`), text);
  write('.js', `const { ${names} } = require('./library.js');\n\nmodule.exports = { ${names} };\n`);
  write('.mjs', `import library from './library.js';\n\nexport const { ${names} } = library;\n`);
  write('.bundled.mjs', `export { ${names} } from './library.mjs';\n`);
  write('.d.mts', `export * from './${entry}.js';\n`);
}

// The bundles contain the code of json5, so they must contain its licence.
copyFileSync(createRequire(import.meta.url).resolve('json5/LICENSE.md'), file('dist/json5.LICENSE.md'));
