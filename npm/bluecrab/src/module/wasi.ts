// The part of WASI preview 1 that a module may use: clocks, random numbers, environment variables, output. See
// docs/abi.md, section 5.

import { randomFillSync } from 'node:crypto';
import type { LogLines } from '../log';
import type { Fuel } from './fuel';
import { type Clock, pollOneoff } from './pollOneoff';

const SUCCESS = 0;
const EBADF = 8;
const EINVAL = 28;
const ENOSYS = 52;

const REALTIME = 0;
const MONOTONIC = 1;

/** The record of fd_fdstat_get. C's stdio takes a character device that cannot seek for a terminal, and writes lines. */
const FDSTAT_BYTES = 24;
const FDSTAT_RIGHTS = 8;
const CHARACTER_DEVICE = 2;
const RIGHT_FD_WRITE = 1 << 6;

/** What the host's work takes, in units of fuel. */
const PIECE_UNITS = 1000;
const WRITTEN_BYTE_UNITS = 4;
const RANDOM_BYTE_UNITS = 2;
const SUBSCRIPTION_UNITS = 1000;

type WasiFunction = (...args: never[]) => number;

/** Functions of preview 1 whose first parameter is a descriptor. */
const DESCRIPTOR_FUNCTIONS =
  /^(fd_(advise|allocate|close|datasync|fdstat_get|fdstat_set_flags|fdstat_set_rights|filestat_get|filestat_set_size|filestat_set_times|pread|prestat_get|prestat_dir_name|pwrite|read|readdir|renumber|seek|sync|tell|write)|path_\w+|sock_\w+)$/;
const OTHER_FUNCTIONS = new Set([
  'args_get',
  'args_sizes_get',
  'clock_res_get',
  'clock_time_get',
  'environ_get',
  'environ_sizes_get',
  'poll_oneoff',
  'proc_exit',
  'proc_raise',
  'random_get',
  'sched_yield',
]);

export function isWasiFunction(module: string, name: string): boolean {
  return (
    module === 'wasi_snapshot_preview1' && (OTHER_FUNCTIONS.has(name) || DESCRIPTOR_FUNCTIONS.test(name))
  );
}

const clock: Clock = (id) => {
  if (id === REALTIME) return BigInt(Date.now()) * 1_000_000n;
  return id === MONOTONIC ? process.hrtime.bigint() : undefined;
};

/**
 * Returns the WASI imports of one instance.
 *
 * @param memory - returns the instance's current memory
 * @param lines - receives what the instance writes to its standard output and error
 * @param exit - ends the instance
 * @param fuel - counts the work of functions that can take long
 */
export function wasiImports(
  memory: () => ArrayBuffer,
  env: readonly string[],
  lines: LogLines,
  exit: (code: number) => never,
  fuel: Fuel,
): Record<string, WasiFunction> {
  const view = () => new DataView(memory());
  const variables = env
    .filter((name) => process.env[name] !== undefined)
    .map((name) => Buffer.from(`${name}=${process.env[name]}\0`));

  const implemented: Record<string, WasiFunction> = {
    args_get: () => SUCCESS,
    args_sizes_get: (count: number, bytes: number) => writeSizes(view(), count, 0, bytes, 0),
    clock_res_get: (id: number, result: number) => {
      if (clock(id) === undefined) return EINVAL;
      view().setBigUint64(result >>> 0, id === REALTIME ? 1_000_000n : 1n, true);
      return SUCCESS;
    },
    clock_time_get: (id: number, _precision: bigint, result: number) => {
      const time = clock(id);
      if (time === undefined) return EINVAL;
      view().setBigUint64(result >>> 0, time, true);
      return SUCCESS;
    },
    environ_get: (pointers: number, bytes: number) => {
      let [pointer, offset] = [pointers >>> 0, bytes >>> 0];
      for (const variable of variables) {
        view().setUint32(pointer, offset, true);
        new Uint8Array(memory()).set(variable, offset);
        pointer += 4;
        offset += variable.length;
      }
      return SUCCESS;
    },
    environ_sizes_get: (count: number, bytes: number) => {
      const total = variables.reduce((sum, variable) => sum + variable.length, 0);
      return writeSizes(view(), count, variables.length, bytes, total);
    },
    fd_fdstat_get: (descriptor: number, result: number) => {
      if (descriptor < 0 || descriptor > 2) return EBADF;
      const stat = new Uint8Array(memory(), result >>> 0, FDSTAT_BYTES).fill(0);
      stat[0] = CHARACTER_DEVICE;
      if (descriptor > 0) stat[FDSTAT_RIGHTS] = RIGHT_FD_WRITE;
      return SUCCESS;
    },
    fd_write: (descriptor: number, vectors: number, count: number, written: number) => {
      if (descriptor !== 1 && descriptor !== 2) return EBADF;
      const level = descriptor === 1 ? 'information' : 'error';
      const [pieces, table] = [count >>> 0, view()];
      let total = 0;
      for (let index = 0; index < pieces; index++) {
        const vector = (vectors >>> 0) + index * 8;
        const [pointer, length] = [table.getUint32(vector, true), table.getUint32(vector + 4, true)];
        fuel.spend(PIECE_UNITS + length * WRITTEN_BYTE_UNITS);
        lines.writePiece(level, () => new Uint8Array(memory(), pointer, length), index, pieces);
        total += length;
      }
      table.setUint32(written >>> 0, total, true);
      return SUCCESS;
    },
    poll_oneoff: (...pointers: [number, number, number, number]) => {
      const [subscriptions, events, count, written] = pointers.map(
        (pointer) => pointer >>> 0,
      ) as typeof pointers;
      fuel.spend(count * SUBSCRIPTION_UNITS);
      return pollOneoff(view(), clock, [subscriptions, events, count, written], fuel);
    },
    proc_exit: exit,
    random_get: (pointer: number, length: number) => {
      fuel.spend((length >>> 0) * RANDOM_BYTE_UNITS);
      randomFillSync(new Uint8Array(memory(), pointer >>> 0, length >>> 0));
      return SUCCESS;
    },
    sched_yield: () => SUCCESS,
  };
  return new Proxy(implemented, {
    get: (functions, name: string) =>
      functions[name] ?? (() => (DESCRIPTOR_FUNCTIONS.test(name) ? EBADF : ENOSYS)),
  });
}

function writeSizes(
  view: DataView,
  countPointer: number,
  count: number,
  bytesPointer: number,
  bytes: number,
): number {
  view.setUint32(countPointer >>> 0, count, true);
  view.setUint32(bytesPointer >>> 0, bytes, true);
  return SUCCESS;
}
