// A program: a WASI command, read, checked, and compiled once for all threads.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, limit, read } from '../module/compile';
import { exportStart, START_EXPORT } from '../module/limits';
import { isWasiFunction } from '../wasi/imports';

/** Where a component's binary differs from a module's (component-model, Binary.md). */
const LAYER_AT = 6;

const loaded = new Map<string, WebAssembly.Module>();

export interface Program {
  file: string;
  compiled: WebAssembly.Module;
}

/**
 * Loads a file once: a second call with the same limit returns the same module.
 *
 * @throws Error if the file is not a program, or needs more than it may have
 */
export function loadProgram(path: string | URL, maxMemoryBytes: number): Program {
  const file = resolve(path instanceof URL || path.startsWith('file:') ? fileURLToPath(path) : path);
  const key = `${maxMemoryBytes} ${file}`;
  const compiled = loaded.get(key) ?? load(file, maxMemoryBytes);
  loaded.set(key, compiled);
  return { file, compiled };
}

function load(file: string, maxMemoryBytes: number): WebAssembly.Module {
  const bytes = read(file);
  if (bytes[LAYER_AT] === 1) throw new Error(`${file} is a component, not a program: use registerComponent`);
  const compiled = compile(exportStart(limit(bytes, maxMemoryBytes, file)), file);
  checkImports(compiled, file);
  checkExports(compiled, file);
  return compiled;
}

function checkImports(module: WebAssembly.Module, file: string): void {
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind === 'function' && isWasiFunction(from, name)) continue;
    throw new Error(
      `${file} imports ${from}.${name} (${kind}), but a program gets only the functions of wasi_snapshot_preview1: compile it for WASI preview 1`,
    );
  }
}

function checkExports(module: WebAssembly.Module, file: string): void {
  const exported = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  if (exported.get('_start') !== 'function') {
    throw new Error(
      exported.has('bluecrab_alloc')
        ? `${file} is a module with functions, not a program: use registerModule`
        : `${file} exports no function _start, so it is not a program: compile it as a WASI command, with a main function`,
    );
  }
  if (exported.has(START_EXPORT) && exported.get(START_EXPORT) !== 'function')
    throw new Error(`${file} exports "${START_EXPORT}", a name that is kept for its start function`);
  if (exported.get('memory') !== 'memory')
    throw new Error(`${file} exports no memory, which every WASI program does`);
}
