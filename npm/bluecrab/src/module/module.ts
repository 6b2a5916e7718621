// A module: read, checked, compiled once for all threads.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVER_TIMING } from '../serverTiming';
import { recycleBytes } from '../settings';
import type { InstanceTemplate } from './call';
import { exportStart, limitModule } from './limits';
import { type FunctionDeclaration, readManifest } from './manifest';
import { bestVariant } from './variant';
import { isWasiFunction } from './wasi';

const loaded = new Map<string, Module>();

export class Module {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  /** What its instances are made of. */
  readonly template: InstanceTemplate;

  /** Loads a file, or gives the module that was loaded from it before. */
  static load(path: string | URL): Module {
    const file = resolve(path instanceof URL || path.startsWith('file:') ? fileURLToPath(path) : path);
    const module = loaded.get(file) ?? new Module(file);
    loaded.set(file, module);
    return module;
  }

  private constructor(file: string) {
    const bytes = read(bestVariant(file));
    const declarations = declarationsOf(bytes, file);
    const maxBytes = Math.min(...declarations.map(({ maxMemoryBytes }) => maxMemoryBytes));
    const compiled = compile(limited(bytes, maxBytes, file), file);
    checkImports(compiled, file);
    checkExports(compiled, declarations, file);
    this.functions = new Map(declarations.map((declared) => [declared.name, declared]));
    const env = [...new Set([...declarations.flatMap((declaration) => declaration.env), SERVER_TIMING])];
    this.template = { file, compiled, env, recycleBytes: recycleBytes() };
  }

  declaration(name: string): FunctionDeclaration {
    const declaration = this.functions.get(name);
    if (declaration) return declaration;
    const known = [...this.functions.keys()].join(', ');
    throw new Error(`${this.template.file} has no function "${name}"; it has ${known}`);
  }
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`cannot read the module ${file}: ${messageOf(error)}`);
  }
}

function declarationsOf(bytes: Uint8Array, file: string): FunctionDeclaration[] {
  try {
    return readManifest(bytes, file);
  } catch (error) {
    // Of what is no module at all, that is the reason.
    compile(bytes, file);
    throw error;
  }
}

function limited(bytes: Uint8Array, maxBytes: number, file: string): Uint8Array {
  try {
    return exportStart(limitModule(bytes, maxBytes));
  } catch (error) {
    throw new Error(`${file} is refused: ${messageOf(error)}`);
  }
}

function compile(bytes: Uint8Array, file: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw new Error(`${file} is no WebAssembly module: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkImports(module: WebAssembly.Module, file: string): void {
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const known =
      kind === 'function' && (isWasiFunction(from, name) || (from === 'bluecrab' && name === 'log'));
    if (!known) {
      throw new Error(
        `${file} imports ${from}.${name} (${kind}), which no function is given; see docs/abi.md, section 5`,
      );
    }
  }
}

function checkExports(module: WebAssembly.Module, declarations: FunctionDeclaration[], file: string): void {
  const exported = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  const needed = [
    ['memory', 'memory'],
    ['bluecrab_alloc', 'function'],
  ] as [string, string][];
  for (const declaration of declarations) needed.push([declaration.export, 'function']);
  for (const [name, kind] of needed) {
    if (exported.get(name) !== kind)
      throw new Error(`${file} exports no ${kind} "${name}"; see docs/abi.md, section 1`);
  }
}
