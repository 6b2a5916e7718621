// The functions of WASI preview 1 for descriptors of every kind, and those for sockets: a guest has no sockets.

import { type Descriptor, OpenFile, OpenFolder, Output } from './descriptors';
import { EBADF, EINVAL, EISDIR, ENOTSOCK, ENOTSUP, WasiError } from './errno';
import { writeStat } from './stat';
import type { Wasi, WasiFunction, WasiFunctions } from './wasi';

const FDSTAT_BYTES = 24;
const VECTOR_BYTES = 8;

/** The flags that a descriptor can have: append, dsync, nonblock, rsync and sync. */
const FD_FLAGS = 0b11111;

/** What the host's work takes, in units of fuel. */
const PIECE_UNITS = 1000;
const WRITTEN_BYTE_UNITS = 4;

const notSocket: WasiFunction = ({ descriptors }, number: number) => {
  descriptors.get(number);
  throw new WasiError(ENOTSOCK);
};

/** Nothing waits to be written: files do not change, and the host has the output. */
const synced: WasiFunction = ({ descriptors }, number: number) => {
  descriptors.get(number);
};

export const descriptorFunctions: WasiFunctions = {
  fd_close({ descriptors }, number: number) {
    descriptors.close(number);
  },
  fd_datasync: synced,
  fd_fdstat_get({ memory, descriptors }, number: number, result: number) {
    const descriptor = descriptors.get(number);
    const stat = memory.view(result, FDSTAT_BYTES);
    stat.setUint16(0, descriptor.type, true);
    stat.setUint32(2, descriptor.flags, true);
    stat.setUint16(6, 0);
    stat.setBigUint64(8, descriptor.rights, true);
    stat.setBigUint64(16, descriptor.inheriting, true);
  },
  fd_fdstat_set_flags({ descriptors }, number: number, flags: number) {
    const descriptor = descriptors.get(number);
    if ((flags & ~FD_FLAGS) !== 0) throw new WasiError(EINVAL);
    descriptor.flags = flags;
  },
  // Rights were taken out of WASI. Languages read them, but none sets them.
  fd_fdstat_set_rights({ descriptors }, number: number) {
    descriptors.get(number);
    throw new WasiError(ENOTSUP);
  },
  fd_filestat_get({ memory, descriptors }, number: number, result: number) {
    const descriptor = descriptors.get(number);
    writeStat(memory, result, descriptor.type, nodeOf(descriptor));
  },
  fd_read(wasi, number: number, vectors: number, count: number, result: number) {
    const descriptor = wasi.descriptors.get(number);
    if (descriptor instanceof OpenFolder) throw new WasiError(EISDIR);
    if (descriptor instanceof Output) throw new WasiError(EBADF);
    readInto(wasi, vectors, count, result, (target) => descriptor.read(target));
  },
  fd_renumber({ descriptors }, from: number, to: number) {
    descriptors.renumber(from, to);
  },
  fd_sync: synced,
  fd_write({ memory, descriptors, fuel }, number: number, vectors: number, count: number, result: number) {
    const descriptor = descriptors.get(number);
    if (!(descriptor instanceof Output)) throw new WasiError(EBADF);
    const pieces = count >>> 0;
    const table = memory.view(vectors, pieces * VECTOR_BYTES);
    const written = memory.view(result, 4);
    let total = 0;
    for (let index = 0; index < pieces; index++) {
      const pointer = table.getUint32(index * VECTOR_BYTES, true);
      const length = table.getUint32(index * VECTOR_BYTES + 4, true);
      fuel.spend(PIECE_UNITS + length * WRITTEN_BYTE_UNITS);
      memory.check(pointer, length);
      descriptor.write(() => memory.bytes(pointer, length), index, pieces);
      total += length;
    }
    written.setUint32(0, total, true);
  },
  sock_accept: notSocket,
  sock_recv: notSocket,
  sock_send: notSocket,
  sock_shutdown: notSocket,
};

/**
 * Fills the buffers of a read one after the other, until `read` does not fill one.
 *
 * @param read - reads into a buffer, and returns how many bytes that is
 */
export function readInto(
  { memory, fuel }: Wasi,
  vectors: number,
  count: number,
  result: number,
  read: (target: Uint8Array) => number,
): void {
  const table = memory.view(vectors, (count >>> 0) * VECTOR_BYTES);
  const readBytes = memory.view(result, 4);
  let total = 0;
  for (let at = 0; at < table.byteLength; at += VECTOR_BYTES) {
    fuel.spend(PIECE_UNITS);
    const target = memory.bytes(table.getUint32(at, true), table.getUint32(at + 4, true));
    const length = read(target);
    total += length;
    if (length < target.length) break;
  }
  readBytes.setUint32(0, total, true);
}

function nodeOf(descriptor: Descriptor) {
  if (descriptor instanceof OpenFile) return descriptor.file;
  return descriptor instanceof OpenFolder ? descriptor.folder : undefined;
}
