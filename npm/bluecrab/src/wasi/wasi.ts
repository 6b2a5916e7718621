// What the WASI functions of one instance share.

import type { Fuel } from '../fuel';
import type { Descriptors } from './descriptors';
import type { GuestMemory } from './memory';

export interface Wasi {
  memory: GuestMemory;
  args: readonly string[];
  /** The environment variables, each as `NAME=VALUE`. */
  environ: readonly string[];
  descriptors: Descriptors;
  /** Ends the guest. */
  exit(code: number): never;
  /** Counts the work of functions that can take long. */
  fuel: Fuel;
}

/**
 * A function of WASI. The parameters are those of WASI, without the result. Numbers of 32 bits may be negative, also if
 * they stand for unsigned numbers.
 *
 * @throws WasiError with the error code that the guest gets
 */
export type WasiFunction = (wasi: Wasi, ...parameters: never[]) => void;

export type WasiFunctions = Record<string, WasiFunction>;
