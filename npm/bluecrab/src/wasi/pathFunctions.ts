// The functions of WASI preview 1 for paths. A path starts at an open folder and cannot leave it.

import {
  type Descriptors,
  DIRECTORY,
  OpenFile,
  OpenFolder,
  REGULAR_FILE,
  RIGHT_FD_WRITE,
} from './descriptors';
import { EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, EPERM, EROFS, WasiError } from './errno';
import { writeStat } from './stat';
import { type File, type Folder, isFolder } from './tree';
import type { Wasi, WasiFunction, WasiFunctions } from './wasi';

const [CREATE, MUST_BE_FOLDER, EXCLUSIVE, TRUNCATE] = [1, 2, 4, 8];

/** Refuses to change what the path names. */
const readOnly: WasiFunction = (wasi, number: number, pointer: number, length: number) => {
  if (find(wasi, number, pointer, length) === undefined) throw new WasiError(ENOENT);
  throw new WasiError(EROFS);
};

export const pathFunctions: WasiFunctions = {
  path_create_directory(wasi, number: number, pointer: number, length: number) {
    refuseNew(find(wasi, number, pointer, length));
  },
  path_filestat_get(wasi, number: number, _flags: number, pointer: number, length: number, result: number) {
    const node = found(find(wasi, number, pointer, length));
    writeStat(wasi.memory, result, isFolder(node) ? DIRECTORY : REGULAR_FILE, node);
  },
  path_filestat_set_times(wasi, number: number, _flags: number, pointer: number, length: number) {
    found(find(wasi, number, pointer, length));
    throw new WasiError(EROFS);
  },
  path_link(
    wasi,
    oldNumber: number,
    _flags: number,
    oldPointer: number,
    oldLength: number,
    number: number,
    pointer: number,
    length: number,
  ) {
    found(find(wasi, oldNumber, oldPointer, oldLength));
    refuseNew(find(wasi, number, pointer, length));
  },
  path_open(
    wasi,
    number: number,
    _lookup: number,
    pointer: number,
    length: number,
    how: number,
    rights: bigint,
    _inheriting: bigint,
    flags: number,
    result: number,
  ) {
    const node = find(wasi, number, pointer, length);
    if (how & CREATE && (node === undefined || how & EXCLUSIVE)) refuseNew(node);
    const opened = open(found(node), how, rights);
    opened.flags = flags;
    wasi.memory.check(result, 4);
    wasi.memory.setUint32(result, wasi.descriptors.add(opened));
  },
  path_readlink(wasi, number: number, pointer: number, length: number) {
    found(find(wasi, number, pointer, length));
    // A tree contains no links, so the path does not name a link.
    throw new WasiError(EINVAL);
  },
  path_remove_directory: readOnly,
  path_rename: readOnly,
  path_symlink(
    wasi,
    _target: number,
    _targetLength: number,
    number: number,
    pointer: number,
    length: number,
  ) {
    refuseNew(find(wasi, number, pointer, length));
  },
  path_unlink_file: readOnly,
};

function open(node: File | Folder, how: number, rights: bigint): OpenFile | OpenFolder {
  if (isFolder(node)) {
    if (how & (CREATE | TRUNCATE) || rights & RIGHT_FD_WRITE) throw new WasiError(EISDIR);
    return new OpenFolder(node);
  }
  if (how & MUST_BE_FOLDER) throw new WasiError(ENOTDIR);
  if (how & TRUNCATE || rights & RIGHT_FD_WRITE) throw new WasiError(EROFS);
  return new OpenFile(node);
}

function found(node: File | Folder | undefined): File | Folder {
  if (node === undefined) throw new WasiError(ENOENT);
  return node;
}

/** Refuses to make what a path names. */
function refuseNew(node: File | Folder | undefined): never {
  throw new WasiError(node === undefined ? EROFS : EEXIST);
}

/**
 * Finds what a path names. Returns nothing if only the last part of the path is missing.
 *
 * @throws WasiError if the path leaves the folder, or if a part before the last is missing or not a folder
 */
function find(
  { memory, descriptors }: Wasi,
  number: number,
  pointer: number,
  length: number,
): File | Folder | undefined {
  const folder = folderOf(descriptors, number);
  const path = memory.path(pointer, length);
  if (path === '') throw new WasiError(ENOENT);
  if (path.startsWith('/')) throw new WasiError(EPERM);
  const way: Folder[] = [folder];
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  let node: File | Folder | undefined = folder;
  for (const part of parts) {
    if (node === undefined) throw new WasiError(ENOENT);
    if (!isFolder(node)) throw new WasiError(ENOTDIR);
    if (part === '..') {
      way.pop();
      node = way.at(-1);
      if (node === undefined) throw new WasiError(EPERM);
    } else {
      node = node.entries.get(part);
      if (node && isFolder(node)) way.push(node);
    }
  }
  const mustBeFolder = path.endsWith('/') || path.endsWith('/.');
  if (mustBeFolder && node && !isFolder(node)) throw new WasiError(ENOTDIR);
  return node;
}

function folderOf(descriptors: Descriptors, number: number): Folder {
  const descriptor = descriptors.get(number);
  if (descriptor instanceof OpenFolder) return descriptor.folder;
  throw new WasiError(ENOTDIR);
}
