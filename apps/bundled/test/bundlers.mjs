// Bundles the app as its authors would, with as little configuration as each bundler needs.

import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import * as esbuild from 'esbuild';
import { rollup } from 'rollup';
import webpack from 'webpack';

const source = (name) => fileURLToPath(new URL(`../src/${name}`, import.meta.url));
/** The package that the worker provides, and that a bundle must not contain. */
const CORE = '@azure/functions-core';
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

const byEsbuild = (entry, options) => (outfile) =>
  esbuild.build({
    entryPoints: [source(entry)],
    outfile,
    bundle: true,
    platform: 'node',
    logLevel: 'error',
    ...options,
  });

const byWebpack = (entry, options) => async (outfile) => {
  const compiler = webpack({
    entry: source(entry),
    target: 'node20',
    mode: 'production',
    ...options,
    output: { path: dirname(outfile), filename: basename(outfile), ...options.output },
  });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, result) => (error ? reject(error) : resolve(result))),
  );
  if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
};

const byRollup = (format) => async (file) => {
  const bundle = await rollup({
    input: source('index.mjs'),
    external: ['@azure/functions', /^node:/],
    plugins: [nodeResolve()],
  });
  await bundle.write({ file, format });
  await bundle.close();
};

/** The bundles: a name, the extension of the file, and the function that writes it. */
export const bundles = [
  ['esbuild, CommonJS', '.cjs', byEsbuild('index.mjs', { format: 'cjs', external: [CORE] })],
  ['esbuild, CommonJS from CommonJS', '.cjs', byEsbuild('index.cjs', { format: 'cjs', external: [CORE] })],
  [
    'esbuild, CommonJS, minified',
    '.cjs',
    byEsbuild('index.mjs', { format: 'cjs', minify: true, external: [CORE] }),
  ],
  [
    'esbuild, ES module, with @azure/functions outside',
    '.mjs',
    byEsbuild('index.mjs', { format: 'esm', external: ['@azure/functions'] }),
  ],
  [
    'esbuild, ES module, with @azure/functions inside',
    '.mjs',
    byEsbuild('index.mjs', { format: 'esm', banner: { js: REQUIRE }, external: [CORE] }),
  ],
  [
    'webpack, CommonJS, minified, with the module as an asset',
    '.cjs',
    byWebpack('beside.mjs', { externals: { [CORE]: `commonjs ${CORE}` } }),
  ],
  [
    'webpack, ES module',
    '.mjs',
    byWebpack('index.mjs', {
      mode: 'none',
      externals: { '@azure/functions': 'module @azure/functions' },
      experiments: { outputModule: true },
      output: { library: { type: 'module' } },
    }),
  ],
  ['Rollup, CommonJS', '.cjs', byRollup('cjs')],
  ['Rollup, ES module', '.mjs', byRollup('es')],
];
