// node transpile.mjs COMPONENT.wasm FOLDER does the same as `jco transpile COMPONENT.wasm --instantiation sync -o
// FOLDER`, but needs only a small part of jco.

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { transpile } from '@bytecodealliance/jco-transpile';

const [component, folder] = process.argv.slice(2);
const started = performance.now();
const { files } = await transpile(component, {
  name: basename(component, '.wasm'),
  instantiation: 'sync',
  emitTypescriptDeclarations: false,
});
mkdirSync(folder, { recursive: true });
for (const [file, bytes] of Object.entries(files)) {
  if (/^[^/\\]+\.(js|wasm)$/.test(basename(file))) writeFileSync(join(folder, basename(file)), bytes);
}
writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
console.log(`   transpiled in ${((performance.now() - started) / 1000).toFixed(1)} s`);
