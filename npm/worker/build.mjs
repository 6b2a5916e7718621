// Builds the worker into one file, which starts fast and needs no other files.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import protobuf from 'protobufjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const protocol = fileURLToPath(new URL('../../crates/bluecrab-rpc/proto/FunctionRpc.proto', import.meta.url));

const root = protobuf.loadSync(protocol);
const { version } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));

await build({
  absWorkingDir: folder,
  entryPoints: ['src/nodejsWorker.ts'],
  outfile: 'dist/src/nodejsWorker.js',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 200,
  legalComments: 'external',
  logLevel: 'warning',
  // Dependencies that are ES modules use `import.meta.url`, which CommonJS does not have.
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  define: {
    'import.meta.url': 'importMetaUrl',
    WORKER_VERSION: JSON.stringify(version),
    // The parsed protocol, so that the worker need not parse it when it starts.
    PROTOCOL: JSON.stringify(root.toJSON()),
  },
});
