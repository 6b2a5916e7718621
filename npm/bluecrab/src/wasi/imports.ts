// WASI preview 1, as the imports of one instance. Modules have standard streams only, programs may have files too.

import { descriptorFunctions } from './descriptorFunctions';
import { SUCCESS, WasiError } from './errno';
import { fileFunctions } from './fileFunctions';
import { GuestMemory } from './memory';
import { pathFunctions } from './pathFunctions';
import { pollFunctions } from './pollOneoff';
import { processFunctions } from './processFunctions';
import type { Wasi, WasiFunction, WasiFunctions } from './wasi';

const FUNCTIONS: WasiFunctions = {
  ...processFunctions,
  ...descriptorFunctions,
  ...fileFunctions,
  ...pathFunctions,
  ...pollFunctions,
};

/** Whether an import is a function of WASI preview 1. */
export function isWasiFunction(module: string, name: string): boolean {
  return module === 'wasi_snapshot_preview1' && Object.hasOwn(FUNCTIONS, name);
}

/** A function as an instance imports it. It returns an error code. */
type WasiImport = (...parameters: never[]) => number;

/**
 * Returns the WASI imports of one instance.
 *
 * @param buffer - returns the current buffer of the instance's memory
 */
export function wasiImports(
  buffer: () => ArrayBuffer,
  options: Omit<Wasi, 'memory'>,
): Record<string, WasiImport> {
  const wasi: Wasi = { memory: new GuestMemory(buffer), ...options };
  const importOf =
    (run: WasiFunction): WasiImport =>
    (...parameters) => {
      try {
        run(wasi, ...parameters);
        return SUCCESS;
      } catch (error) {
        if (error instanceof WasiError) return error.errno;
        throw error;
      }
    };
  // Most modules import a few functions, and some live for one short call, so the imports are made when they are read.
  return new Proxy(FUNCTIONS as Record<string, unknown> as Record<string, WasiImport>, {
    get: (_, name: string) => importOf(FUNCTIONS[name] as WasiFunction),
  });
}
