// The descriptors of one guest: standard streams, files and folders.

import { EBADF, EMFILE, WasiError } from './errno';
import type { File, Folder } from './tree';

/** Types of descriptors and of directory entries. A pipe has the unknown type, since WASI has none for it. */
export const UNKNOWN = 0;
export const CHARACTER_DEVICE = 2;
export const DIRECTORY = 3;
export const REGULAR_FILE = 4;

export const RIGHT_FD_READ = 1n << 1n;
export const RIGHT_FD_SEEK = 1n << 2n;
const RIGHT_FD_TELL = 1n << 5n;
export const RIGHT_FD_WRITE = 1n << 6n;
const RIGHT_POLL = 1n << 27n;
const ALL_RIGHTS = (1n << 30n) - 1n;
/** The rights to use the functions from `path_create_directory` to `path_unlink_file`. */
const FOLDER_RIGHTS = (1n << 27n) - (1n << 9n);
const FILE_RIGHTS = RIGHT_FD_READ | RIGHT_FD_SEEK | RIGHT_FD_TELL | RIGHT_POLL;

/** Each descriptor takes memory of the host. Large programs need fewer than this. */
const MAX_DESCRIPTORS = 1024;

/** The part of descriptors that all kinds share. */
abstract class Opened {
  /** The flags that `fd_fdstat_set_flags` has set. */
  flags = 0;
  /** The file type in WASI, such as a folder or a regular file. */
  abstract readonly type: number;
  /** What the guest may do with the descriptor. Languages look at this before they call. */
  abstract readonly rights: bigint;
  /** What the guest may ask for when it opens a path in a folder. */
  readonly inheriting: bigint = 0n;
}

/** A standard stream that the guest reads. */
export class Input extends Opened {
  readonly type: number;
  readonly rights = RIGHT_FD_READ | RIGHT_POLL;
  readonly #bytes: Uint8Array;
  #at = 0;

  /** @param type - whether the guest takes it for a pipe or for a terminal */
  constructor(type: typeof UNKNOWN | typeof CHARACTER_DEVICE, bytes: Uint8Array) {
    super();
    this.type = type;
    this.#bytes = bytes;
  }

  /** How many bytes remain. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Reads what fits into `target`. Returns how many bytes that is. */
  read(target: Uint8Array): number {
    const read = this.#bytes.subarray(this.#at, this.#at + target.length);
    target.set(read);
    this.#at += read.length;
    return read.length;
  }
}

/** Receives piece `index` of the `count` pieces of one write. It need not look at the bytes. */
export type WritePiece = (bytes: () => Uint8Array, index: number, count: number) => void;

/** A standard stream that the guest writes. */
export class Output extends Opened {
  readonly type: number;
  readonly rights = RIGHT_FD_WRITE | RIGHT_POLL;
  readonly write: WritePiece;

  /** @param type - whether the guest takes it for a pipe or for a terminal */
  constructor(type: typeof UNKNOWN | typeof CHARACTER_DEVICE, write: WritePiece) {
    super();
    this.type = type;
    this.write = write;
  }
}

/** A file, which can only be read. */
export class OpenFile extends Opened {
  readonly type = REGULAR_FILE;
  readonly rights = FILE_RIGHTS;
  readonly file: File;
  /** Where the next read begins. */
  offset = 0;

  constructor(file: File) {
    super();
    this.file = file;
  }

  /** Reads from the offset what fits into `target`, and moves the offset. */
  read(target: Uint8Array): number {
    const read = this.readAt(target, this.offset);
    this.offset += read;
    return read;
  }

  readAt(target: Uint8Array, offset: number): number {
    const read = this.file.bytes.subarray(offset, offset + target.length);
    target.set(read);
    return read.length;
  }
}

export class OpenFolder extends Opened {
  readonly type = DIRECTORY;
  readonly rights = FOLDER_RIGHTS;
  /** All rights, although nothing can be written: wasi-libc asks only for rights that the folder passes on. */
  override readonly inheriting = ALL_RIGHTS;
  readonly folder: Folder;
  /** The path by which the guest knows the folder, if the folder is open from the start. */
  readonly preopened: string | undefined;

  constructor(folder: Folder, preopened?: string) {
    super();
    this.folder = folder;
    this.preopened = preopened;
  }
}

export type Descriptor = Input | Output | OpenFile | OpenFolder;

/** The open descriptors, by number. */
export class Descriptors {
  readonly #open: Map<number, Descriptor>;

  /** @param first - the descriptors 0, 1 and so on */
  constructor(...first: Descriptor[]) {
    this.#open = new Map(first.entries());
  }

  /** @throws WasiError with EBADF if it is not open */
  get(number: number): Descriptor {
    const descriptor = this.#open.get(number);
    if (descriptor === undefined) throw new WasiError(EBADF);
    return descriptor;
  }

  /** Returns the number of a new descriptor: the lowest that is free, as POSIX wants it. */
  add(descriptor: Descriptor): number {
    let number = 0;
    while (this.#open.has(number)) number++;
    if (number >= MAX_DESCRIPTORS) throw new WasiError(EMFILE);
    this.#open.set(number, descriptor);
    return number;
  }

  close(number: number): void {
    this.get(number);
    this.#open.delete(number);
  }

  /** Closes the descriptor `to`, and moves the descriptor `from` to its number. */
  renumber(from: number, to: number): void {
    const descriptor = this.get(from);
    this.get(to);
    this.#open.delete(from);
    this.#open.set(to, descriptor);
  }
}
