// Builds the worker into one file: it starts fast and needs nothing beside it.

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
  // Dependencies written as ES modules ask for their own address.
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
  define: {
    'import.meta.url': 'importMetaUrl',
    WORKER_VERSION: JSON.stringify(version),
    // The protocol as data, so that nothing is parsed at start.
    PROTOCOL: JSON.stringify(root.toJSON()),
  },
});
