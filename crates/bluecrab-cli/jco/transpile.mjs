// node transpile.mjs COMPONENT FOLDER writes a component's core modules and JavaScript bindings into a folder. It does
// the same as `jco transpile --instantiation sync`, but needs only a small part of jco, and limits what the component
// may pass to its imports.

import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { transpile } from '@bytecodealliance/jco-transpile';

/** The most bytes that a component may pass to one call of an import. A stream of wasi:io takes 1 MiB at once. */
const MAX_BYTES = 16 << 20;
/** What an element of a list takes in V8's heap at least, however short it is in the component's memory. */
const ELEMENT_BYTES = 256;

const LIMIT = `let passedBytes = 0;
function passed(bytes) {
  if (!(bytes >= 0) || (passedBytes += bytes) > ${MAX_BYTES})
    throw new Error('it passes more than ${MAX_BYTES} bytes to one call of an import; an element of a list counts as ${ELEMENT_BYTES}');
  return bytes;
}
`;

/**
 * Lets the bindings count what they copy out of the component's memory for a call of an import. Its parts may overlap
 * there, so the size of the memory does not limit the copies.
 */
function limited(code) {
  const counted = code
    .replace(/^ *const _trampoline\d+ = .*\{$/gm, '$&\n  passedBytes = 0;')
    .replace(/for \(let i = 0; i < (len\d+); i\+\+\) \{/g, `passed(${ELEMENT_BYTES} * $1);\n$&`)
    .replace(/(\.buffer\.slice\(ptr\d+, ptr\d+ \+ )(len\d+ \* \d+)\)/g, '$1passed($2))')
    .replace(/(?<=\(memory\d+\.buffer, ptr\d+, )len\d+(?=\)\))/g, 'passed($&)');
  return LIMIT + counted;
}

const [component, folder] = process.argv.slice(2);
const { files } = await transpile(component, {
  name: 'component',
  instantiation: 'sync',
  emitTypescriptDeclarations: false,
});
for (const [file, bytes] of Object.entries(files)) {
  const target = join(folder, basename(file));
  if (file.endsWith('.js')) writeFileSync(target, limited(new TextDecoder().decode(bytes)));
  else if (file.endsWith('.wasm')) writeFileSync(target, bytes);
}
