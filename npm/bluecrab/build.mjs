// Builds the library into one file for Node.js and some for bundlers. They contain the code of the worker threads, so
// that a bundle of an app needs no other file.

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

// Node.js loads one CommonJS file for `require` and for `import`, so that both share one copy. Bundlers load ES
// modules, which share their code too.
const entries = ['index', 'component', 'callable'];
await build({
  ...options,
  entryPoints: ['src/library.ts'],
  define,
  format: 'cjs',
  outfile: 'dist/library.js',
});
await build({
  ...options,
  entryPoints: entries.map((entry) => ({ in: `src/${entry}.ts`, out: `${entry}.bundled` })),
  define,
  format: 'esm',
  splitting: true,
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'shared-[hash]',
});

const calls = 'CallError, CallResult, callable';
const exported = {
  index: [`${calls}, handler, registerModule, registerProgram`, 'loadIndex()'],
  component: ['registerComponent', 'loadComponent()'],
  callable: [calls],
};
for (const [entry, [names, load]] of Object.entries(exported)) {
  const write = (extension, text) => writeFileSync(file(`dist/${entry}${extension}`), text);
  const from = (library) => (load ? `${library}.${load}` : library);
  write(
    '.js',
    `const { ${names} } = ${from("require('./library.js')")};\n\nmodule.exports = { ${names} };\n`,
  );
  write('.mjs', `import library from './library.js';\n\nexport const { ${names} } = ${from('library')};\n`);
  write('.d.mts', `export * from './${entry}.js';\n`);
}

// The bundles contain the code of json5, so they must contain its licence.
copyFileSync(createRequire(import.meta.url).resolve('json5/LICENSE.md'), file('dist/json5.LICENSE.md'));
