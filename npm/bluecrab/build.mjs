// One file for the app and one for its worker threads: they load faster than many. And one state: the entry for ES
// modules re-exports the CommonJS build.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

await build({
  absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
  entryPoints: ['src/index.ts', 'src/thread.ts', 'src/component.ts', 'src/componentThread.ts'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['@azure/functions', 'piscina'],
  logLevel: 'warning',
});
writeFileSync(
  new URL('dist/index.mjs', import.meta.url),
  `import bluecrab from './index.js';\n\nexport const { handler, registerModule } = bluecrab;\n`,
);
writeFileSync(
  new URL('dist/component.mjs', import.meta.url),
  `import component from './component.js';\n\nexport const { registerComponent } = component;\n`,
);
