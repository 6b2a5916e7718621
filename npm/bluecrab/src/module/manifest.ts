// A module's manifest: the lines that declare its functions. See docs/abi.md, section 4.

import { existsSync, readFileSync } from 'node:fs';
import { errorMessage } from '../errorMessage';
import { type FunctionDeclaration, type RefusedFunction, readDeclaration } from './declaration';
import { customSectionsOf } from './sections';

/** The version of the manifest that this library reads. */
const VERSION = 1;
/** The library looks for a later version up to this one, to report it. */
const LAST_VERSION = 99;

export interface Manifest {
  functions: FunctionDeclaration[];
  refused: RefusedFunction[];
}

/**
 * Reads the declarations of a module from its custom section, or else from the file `NAME.functions.json` next to it.
 *
 * @throws Error that names the file and the line
 */
export function readManifest(bytes: Uint8Array, file: string): Manifest {
  const manifest: Manifest = { functions: [], refused: [] };
  const names = new Set<string>();
  for (const { text, where } of manifestLines(bytes, file)) {
    const declared = readDeclaration(text, where);
    if (names.has(declared.name))
      throw new Error(`${file}: the function "${declared.name}" is declared twice`);
    names.add(declared.name);
    if ('refusal' in declared) manifest.refused.push(declared);
    else manifest.functions.push(declared);
  }
  return manifest;
}

interface Line {
  text: string;
  where: string;
}

function manifestLines(bytes: Uint8Array, file: string): Line[] {
  const custom = readSections(bytes, file);
  const section = sectionName(VERSION);
  const parts = WebAssembly.Module.customSections(custom, section);
  if (parts.length > 0) {
    const text = parts
      .map((content) => decode(new Uint8Array(content), `${file}, section ${section}`))
      .join('');
    return split(text, `${file}, section ${section}`);
  }
  const sidecar = file.replace(/\.wasm$/, '.functions.json');
  if (sidecar !== file && existsSync(sidecar)) return split(decode(readFileSync(sidecar), sidecar), sidecar);
  for (let version = VERSION + 1; version <= LAST_VERSION; version++) {
    if (WebAssembly.Module.customSections(custom, sectionName(version)).length > 0) {
      throw new Error(
        `${file} declares its functions in version ${version}, this library reads ${VERSION}: update bluecrab`,
      );
    }
  }
  throw new Error(
    `${file} declares no functions: it has no section ${section}, and ${sidecar} does not exist; a program with a main function needs registerProgram`,
  );
}

function readSections(bytes: Uint8Array, file: string): WebAssembly.Module {
  try {
    return customSectionsOf(bytes);
  } catch (error) {
    throw new Error(`${file} is refused: ${errorMessage(error)}`);
  }
}

function sectionName(version: number): string {
  return `bluecrab.functions.v${version}`;
}

function decode(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${where}: not UTF-8`);
  }
}

function split(text: string, where: string): Line[] {
  const lines = text.split('\n').map((line, index) => ({ text: line, where: `${where}, line ${index + 1}` }));
  return lines.filter((line) => line.text.trim() !== '');
}
