// A module: compiled once, instantiated when it is first called, and anew after every trap.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Instance, type Log } from './instance';
import { type FunctionDeclaration, readManifest } from './manifest';
import { bestVariant } from './variant';
import { isWasiFunction } from './wasi';

const loaded = new Map<string, Module>();

export class Module {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly #compiled: WebAssembly.Module;
  readonly #file: string;
  #instance: Instance | undefined;

  /** Loads a file, or gives the module that was loaded from it before. */
  static load(path: string | URL): Module {
    const file = resolve(path instanceof URL || path.startsWith('file:') ? fileURLToPath(path) : path);
    const module = loaded.get(file) ?? new Module(file);
    loaded.set(file, module);
    return module;
  }

  private constructor(file: string) {
    this.#file = file;
    this.#compiled = compile(bestVariant(file));
    checkImports(this.#compiled, file);
    this.functions = new Map(readManifest(this.#compiled, file).map((declared) => [declared.name, declared]));
    checkExports(this.#compiled, [...this.functions.values()], file);
  }

  declaration(name: string): FunctionDeclaration {
    const declaration = this.functions.get(name);
    if (declaration) return declaration;
    const known = [...this.functions.keys()].join(', ');
    throw new Error(`${this.#file} has no function "${name}"; it has ${known}`);
  }

  /** Runs `work` with the instance; where it throws, the instance is thrown away and the next call gets a new one. */
  withInstance<T>(log: Log, work: (instance: Instance) => T): T {
    try {
      this.#instance ??= new Instance(this.#compiled, this.#env(), log);
      this.#instance.log = log;
      return work(this.#instance);
    } catch (error) {
      this.#instance = undefined;
      throw error;
    }
  }

  #env(): string[] {
    return [...new Set([...this.functions.values()].flatMap((declaration) => declaration.env))];
  }
}

function compile(file: string): WebAssembly.Module {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(`cannot read the module ${file}: ${error instanceof Error ? error.message : error}`);
  }
  try {
    return new WebAssembly.Module(new Uint8Array(bytes));
  } catch (error) {
    throw new Error(`${file} is no WebAssembly module: ${error instanceof Error ? error.message : error}`);
  }
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
