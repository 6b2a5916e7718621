// Loads one source file of the library, for tests of internals.

import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** Bundles `src/NAME.ts` and imports it. */
export function source(name) {
  const entry = fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url));
  const [{ contents }] = buildSync({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  }).outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(contents).toString('base64')}`);
}
