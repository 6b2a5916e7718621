// A module: read, checked, and compiled once for all threads.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVER_TIMING } from '../serverTiming';
import { isDebugged, recycleBytes, runsShortCallsInline } from '../settings';
import { isWasiFunction } from '../wasi/imports';
import { hasNames } from './backtrace';
import type { InstanceTemplate } from './call';
import { compile, limit, read } from './compile';
import type { FunctionDeclaration } from './declaration';
import { exportStart, START_EXPORT } from './limits';
import { type Manifest, readManifest } from './manifest';
import { meteredCopy } from './metered';

const loaded = new Map<string, Module>();

export class Module {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  /** Why functions are refused, by name. */
  readonly refusals: ReadonlyMap<string, string>;
  readonly template: InstanceTemplate;
  /** Makes instances for the event loop, if calls may run there. */
  readonly metered: InstanceTemplate | undefined;

  /** Loads a file once: a second call returns the same module. */
  static load(path: string | URL): Module {
    const file = resolve(path instanceof URL || path.startsWith('file:') ? fileURLToPath(path) : path);
    const module = loaded.get(file) ?? new Module(file);
    loaded.set(file, module);
    return module;
  }

  private constructor(file: string) {
    const variant = bestVariant(file);
    const bytes = read(variant);
    const { functions: declarations, refused } = manifestOf(bytes, file);
    this.functions = new Map(declarations.map((declared) => [declared.name, declared]));
    this.refusals = new Map(refused.map(({ name, refusal }) => [name, refusal]));
    this.template = templateOf(file, bytes, declarations);
    const isWanted =
      runsShortCallsInline() && !isDebugged() && declarations.some(({ run }) => run === 'auto');
    const copy = isWanted ? meteredCopy(variant, bytes) : undefined;
    this.metered = copy && templateOf(copy.file, copy.bytes, declarations);
  }

  /** @throws Error if the module has no function of this name, or if the function is refused */
  declaration(name: string): FunctionDeclaration {
    const declaration = this.functions.get(name);
    if (declaration) return declaration;
    const refusal = this.refusals.get(name);
    if (refusal !== undefined) throw new Error(refusal);
    const known = [...this.functions.keys()].join(', ');
    throw new Error(`${this.template.file} has no function "${name}"; it has ${known}`);
  }
}

function templateOf(file: string, bytes: Uint8Array, declarations: FunctionDeclaration[]): InstanceTemplate {
  const maxBytes = Math.min(...declarations.map(({ maxMemoryBytes }) => maxMemoryBytes));
  const compiled = compile(exportStart(limit(bytes, maxBytes, file)), file);
  checkImports(compiled, file);
  checkExports(compiled, declarations, file);
  const env = [...new Set([...declarations.flatMap((declaration) => declaration.env), SERVER_TIMING])];
  return { file, compiled, env, recycleBytes: recycleBytes(), hasNames: hasNames(compiled) };
}

/** A module with one instruction of relaxed SIMD, `f64x2.relaxed_madd`: valid if the runtime supports relaxed SIMD. */
const RELAXED_SIMD = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x87, 0x02, 0x0b],
);

/**
 * Returns `NAME.relaxed-simd.wasm` for `NAME.wasm`, if that file exists and the runtime can run it. See docs/abi.md,
 * section 8.
 */
function bestVariant(file: string): string {
  const variant = file.replace(/\.wasm$/, '.relaxed-simd.wasm');
  return variant !== file && existsSync(variant) && WebAssembly.validate(RELAXED_SIMD) ? variant : file;
}

function manifestOf(bytes: Uint8Array, file: string): Manifest {
  try {
    return readManifest(bytes, file);
  } catch (error) {
    // If the file is not WebAssembly, report that first.
    compile(bytes, file);
    throw error;
  }
}

function checkImports(module: WebAssembly.Module, file: string): void {
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const known =
      kind === 'function' && (isWasiFunction(from, name) || (from === 'bluecrab' && name === 'log'));
    if (!known) {
      throw new Error(
        `${file} imports ${from}.${name} (${kind}), which this library does not provide; see docs/abi.md, section 5`,
      );
    }
  }
}

/** The functions that are called if a module exports them. */
const OPTIONAL = ['_initialize', 'bluecrab_log_level', START_EXPORT];

function checkExports(module: WebAssembly.Module, declarations: FunctionDeclaration[], file: string): void {
  const exported = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  const needed = [
    ['memory', 'memory'],
    ['bluecrab_alloc', 'function'],
  ] as [string, string][];
  for (const { export: exported, warmUp } of declarations) {
    needed.push([exported, 'function']);
    if (warmUp !== undefined) needed.push([warmUp, 'function']);
  }
  for (const [name, kind] of needed) {
    if (exported.get(name) !== kind)
      throw new Error(`${file} does not export the ${kind} "${name}"; see docs/abi.md, section 1`);
  }
  for (const name of OPTIONAL) {
    if (exported.has(name) && exported.get(name) !== 'function')
      throw new Error(`${file} exports "${name}", but not as a function; see docs/abi.md, section 1`);
  }
}
