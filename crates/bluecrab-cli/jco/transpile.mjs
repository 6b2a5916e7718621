// node transpile.mjs COMPONENT FOLDER writes a component's core modules and JavaScript bindings into a folder. It does
// the same as `jco transpile --instantiation sync`, but needs only a small part of jco.

import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { transpile } from '@bytecodealliance/jco-transpile';

const [component, folder] = process.argv.slice(2);
const { files } = await transpile(component, {
  name: 'component',
  instantiation: 'sync',
  emitTypescriptDeclarations: false,
});
for (const [file, bytes] of Object.entries(files)) {
  if (/\.(js|wasm)$/.test(file)) writeFileSync(join(folder, basename(file)), bytes);
}
