// Finds the JavaScript bindings of a component, which `bluecrab build` lets jco make.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { isComponent, read } from '../module/compile';
import { missingImport } from './world';

/** What `bluecrab build` writes into the package.json next to the bindings. */
interface Origin {
  /** The digest of the component, in hexadecimal digits. */
  sha256: string;
  /** The interfaces that the component imports. */
  imports: string[];
}

/**
 * Returns the bindings of a component: the file itself if it is JavaScript, or else the bindings in the folder
 * `NAME.jco` next to `NAME.wasm`.
 *
 * @throws Error if they are missing or made from other code, or if the component imports an unknown interface
 */
export function bindingsOf(component: string): string {
  const file = resolve(component);
  if (!file.endsWith('.wasm')) return file;
  // A deployed app has the bindings without the component.
  const bytes = existsSync(file) ? read(file) : undefined;
  if (bytes && !isComponent(bytes))
    throw new Error(`${file} is not a component: register a module with registerModule`);
  const folder = file.replace(/\.wasm$/, '.jco');
  const origin = originOf(folder);
  const command = 'run `bluecrab build` in the folder of the app';
  if (origin === undefined) throw new Error(`${file} has no bindings in ${basename(folder)}: ${command}`);
  if (bytes && createHash('sha256').update(bytes).digest('hex') !== origin.sha256)
    throw new Error(`${folder} was made from another version of ${basename(file)}: ${command}`);
  const missing = missingImport(origin.imports);
  if (missing) throw new Error(`${file} imports ${missing}; docs/other-languages.md says what it may import`);
  return join(folder, 'component.js');
}

function originOf(folder: string): Origin | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bluecrab;
  } catch {
    return undefined;
  }
}
