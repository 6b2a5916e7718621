// Builds the package's JavaScript. `cargo xtask build` puts the module next to it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
mkdirSync(file('dist'), { recursive: true });
await build({
  absWorkingDir: file('.'),
  entryPoints: ['src/index.ts'],
  outfile: 'dist/index.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['bluecrab'],
  logLevel: 'warning',
});

// `import` and `require` load the same file, so that both know the same classes of errors.
const names = [
  'FormatError',
  'MatrixError',
  'NotFiniteError',
  'ShapeError',
  'TooLargeError',
  'multiply',
  'multiplyJson',
  'multiplyNpy',
];
writeFileSync(
  file('dist/index.mjs'),
  `import matrix from './index.js';\n\nexport const { ${names.join(', ')} } = matrix;\n`,
);
writeFileSync(file('dist/index.d.mts'), "export * from './index.js';\n");
