// The functions of WASI preview 1 for arguments, environment variables, clocks, random numbers, and the end.

import { randomFillSync } from 'node:crypto';
import { EINVAL, ENOSYS, WasiError } from './errno';
import type { GuestMemory } from './memory';
import type { WasiFunctions } from './wasi';

const REALTIME = 0;
const MONOTONIC = 1;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** What the host's work for a random byte takes, in units of fuel. */
const RANDOM_BYTE_UNITS = 2;
/** Node.js fills at most 2 GiB at once. After each piece, the thread can be ended. */
const RANDOM_PIECE_BYTES = 1 << 20;

/**
 * Returns the time of a clock in nanoseconds.
 *
 * @throws WasiError with EINVAL if there is no such clock
 */
export function timeOf(clock: number): bigint {
  if (clock === REALTIME) return BigInt(Date.now()) * NANOSECONDS_PER_MILLISECOND;
  if (clock === MONOTONIC) return process.hrtime.bigint();
  throw new WasiError(EINVAL);
}

export const processFunctions: WasiFunctions = {
  args_get({ memory, args }, pointers: number, bytes: number) {
    writeStrings(memory, args, pointers, bytes);
  },
  args_sizes_get({ memory, args }, count: number, bytes: number) {
    writeSizes(memory, args, count, bytes);
  },
  environ_get({ memory, environ }, pointers: number, bytes: number) {
    writeStrings(memory, environ, pointers, bytes);
  },
  environ_sizes_get({ memory, environ }, count: number, bytes: number) {
    writeSizes(memory, environ, count, bytes);
  },
  clock_res_get({ memory }, clock: number, result: number) {
    timeOf(clock);
    memory.setUint64(result, clock === REALTIME ? NANOSECONDS_PER_MILLISECOND : 1n);
  },
  clock_time_get({ memory }, clock: number, _precision: bigint, result: number) {
    memory.setUint64(result, timeOf(clock));
  },
  random_get({ memory, fuel }, pointer: number, length: number) {
    fuel.spend((length >>> 0) * RANDOM_BYTE_UNITS);
    const bytes = memory.bytes(pointer, length >>> 0);
    for (let at = 0; at < bytes.length; at += RANDOM_PIECE_BYTES) {
      randomFillSync(bytes.subarray(at, at + RANDOM_PIECE_BYTES));
    }
  },
  sched_yield() {},
  proc_exit({ exit }, code: number) {
    exit(code >>> 0);
  },
  proc_raise() {
    throw new WasiError(ENOSYS);
  },
};

/** Writes strings, each with a NUL at its end, and a pointer to each. */
function writeStrings(
  memory: GuestMemory,
  strings: readonly string[],
  pointers: number,
  bytes: number,
): void {
  let at = bytes >>> 0;
  for (const [index, string] of strings.entries()) {
    const encoded = Buffer.from(`${string}\0`);
    memory.bytes(at, encoded.length).set(encoded);
    memory.setUint32((pointers >>> 0) + index * 4, at);
    at += encoded.length;
  }
}

function writeSizes(memory: GuestMemory, strings: readonly string[], count: number, bytes: number): void {
  memory.setUint32(count, strings.length);
  memory.setUint32(
    bytes,
    strings.reduce((sum, string) => sum + Buffer.byteLength(string) + 1, 0),
  );
}
