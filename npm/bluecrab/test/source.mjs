// Loads source files of the library, for tests of internals.

import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** Bundles `src/NAME.ts` of each name and imports all of them as one module. */
export function source(...names) {
  const contents = names.map((name) => `export * from './${name}';`).join('\n');
  const [{ contents: bundle }] = buildSync({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../src', import.meta.url)) },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  }).outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(bundle).toString('base64')}`);
}
