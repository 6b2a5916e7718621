// The functions of WASI preview 1 for open files and folders. Nothing can be written.

import { readInto } from './descriptorFunctions';
import {
  type Descriptor,
  type Descriptors,
  DIRECTORY,
  OpenFile,
  OpenFolder,
  REGULAR_FILE,
} from './descriptors';
import { EBADF, EINVAL, ENAMETOOLONG, ENOTDIR, EROFS, ESPIPE, WasiError } from './errno';
import { type Folder, isFolder } from './tree';
import type { WasiFunctions } from './wasi';

const [SET, CURRENT, END] = [0, 1, 2];
const LAST_ADVICE = 5;

const DIRENT_BYTES = 24;

export const fileFunctions: WasiFunctions = {
  fd_advise({ descriptors }, number: number, _offset: bigint, _length: bigint, advice: number) {
    fileOf(descriptors, number);
    if (advice >>> 0 > LAST_ADVICE) throw new WasiError(EINVAL);
  },
  fd_allocate({ descriptors }, number: number) {
    fileOf(descriptors, number);
    throw new WasiError(EROFS);
  },
  fd_filestat_set_size({ descriptors }, number: number) {
    throw new WasiError(descriptors.get(number) instanceof OpenFile ? EROFS : EINVAL);
  },
  fd_filestat_set_times({ descriptors }, number: number) {
    const descriptor = descriptors.get(number);
    throw new WasiError(descriptor instanceof OpenFile || descriptor instanceof OpenFolder ? EROFS : EINVAL);
  },
  fd_pread(wasi, number: number, vectors: number, count: number, offset: bigint, result: number) {
    const file = fileOf(wasi.descriptors, number);
    let at = checkedOffset(offset);
    readInto(wasi, vectors, count, result, (target) => {
      const length = file.readAt(target, at);
      at += length;
      return length;
    });
  },
  fd_pwrite({ descriptors }, number: number) {
    fileOf(descriptors, number);
    throw new WasiError(EBADF);
  },
  fd_seek({ memory, descriptors }, number: number, delta: bigint, whence: number, result: number) {
    const file = fileOf(descriptors, number);
    const starts = new Map([
      [SET, 0],
      [CURRENT, file.offset],
      [END, file.file.bytes.length],
    ]);
    const start = starts.get(whence);
    if (start === undefined) throw new WasiError(EINVAL);
    const offset = checkedOffset(BigInt(start) + delta);
    memory.setUint64(result, BigInt(offset));
    file.offset = offset;
  },
  fd_tell({ memory, descriptors }, number: number, result: number) {
    memory.setUint64(result, BigInt(fileOf(descriptors, number).offset));
  },
  fd_prestat_get({ memory, descriptors }, number: number, result: number) {
    const prestat = memory.view(result, 8);
    const path = preopenedPath(descriptors.get(number));
    // The tag of a folder.
    prestat.setUint32(0, 0, true);
    prestat.setUint32(4, path.length, true);
  },
  fd_prestat_dir_name({ memory, descriptors }, number: number, pointer: number, length: number) {
    const path = preopenedPath(descriptors.get(number));
    if (path.length > length >>> 0) throw new WasiError(ENAMETOOLONG);
    memory.bytes(pointer, path.length).set(path);
  },
  fd_readdir(
    { memory, descriptors, fuel },
    number: number,
    pointer: number,
    length: number,
    cookie: bigint,
    result: number,
  ) {
    const descriptor = descriptors.get(number);
    if (!(descriptor instanceof OpenFolder)) throw new WasiError(ENOTDIR);
    const target = memory.bytes(pointer, length >>> 0);
    const used = memory.view(result, 4);
    fuel.spend(target.length);
    used.setUint32(0, writeEntries(target, descriptor.folder, Number(BigInt.asUintN(64, cookie))), true);
  },
};

/**
 * Writes the entries of a folder from entry `first` on. The last may be cut off, which tells the guest that there are
 * more.
 */
function writeEntries(target: Uint8Array, folder: Folder, first: number): number {
  const all = [['.', folder], ['..', folder.parent], ...folder.entries] as const;
  let used = 0;
  for (let index = first; index < all.length && used < target.length; index++) {
    const [name, node] = all[index] as (typeof all)[number];
    const bytes = Buffer.from(name);
    const entry = Buffer.alloc(DIRENT_BYTES + bytes.length);
    entry.writeBigUInt64LE(BigInt(index + 1), 0);
    entry.writeBigUInt64LE(node.inode, 8);
    entry.writeUInt32LE(bytes.length, 16);
    entry.writeUInt8(isFolder(node) ? DIRECTORY : REGULAR_FILE, 20);
    entry.set(bytes, DIRENT_BYTES);
    const part = entry.subarray(0, target.length - used);
    target.set(part, used);
    used += part.length;
  }
  return used;
}

function fileOf(descriptors: Descriptors, number: number): OpenFile {
  const descriptor = descriptors.get(number);
  if (descriptor instanceof OpenFile) return descriptor;
  throw new WasiError(descriptor instanceof OpenFolder ? EBADF : ESPIPE);
}

function preopenedPath(descriptor: Descriptor): Buffer {
  if (descriptor instanceof OpenFolder && descriptor.preopened !== undefined)
    return Buffer.from(descriptor.preopened);
  throw new WasiError(EBADF);
}

function checkedOffset(offset: bigint): number {
  if (offset < 0n || offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new WasiError(EINVAL);
  return Number(offset);
}
