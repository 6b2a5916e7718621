// Reads a folder into memory, for the programs that see it.

import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorMessage } from '../errorMessage';
import type { IndexEntry, PostedTree } from '../wasi/tree';

/** The most bytes and entries of a folder, many times those of a language's standard library. */
const MAX_BYTES = 1 << 30;
const MAX_ENTRIES = 100_000;

const trees = new Map<string, PostedTree>();

/**
 * Reads a folder once: a second call returns the same tree.
 *
 * @throws Error if something in it cannot be read, is neither a file nor a folder, or if it has too much
 */
export function readFiles(folder: string): PostedTree {
  const path = resolve(folder);
  const tree = trees.get(path) ?? readTree(path);
  trees.set(path, tree);
  return tree;
}

function readTree(folder: string): PostedTree {
  const contents: Buffer[] = [];
  let [bytes, entries] = [0, 0];
  const readEntry = (entry: Dirent, path: string): IndexEntry => {
    if (++entries > MAX_ENTRIES) throw new Error(`it has more than ${MAX_ENTRIES} files and folders`);
    const { mtimeMs } = lstatSync(path);
    if (entry.isDirectory()) return [entry.name, mtimeMs, readEntries(path)];
    if (!entry.isFile())
      throw new Error(`${path} is neither a file nor a folder; replace a link by its target`);
    const content = readFileSync(path);
    bytes += content.length;
    if (bytes > MAX_BYTES) throw new Error(`its files have more than ${MAX_BYTES} bytes`);
    contents.push(content);
    return [entry.name, mtimeMs, content.length];
  };
  const readEntries = (path: string): IndexEntry[] =>
    readdirSync(path, { withFileTypes: true })
      .sort((one, two) => (one.name < two.name ? -1 : 1))
      .map((entry) => readEntry(entry, join(path, entry.name)));
  try {
    const index = Buffer.from(JSON.stringify(readEntries(folder)));
    return { id: folder, index: shared([index], index.length), contents: shared(contents, bytes) };
  } catch (error) {
    throw new Error(`cannot read the files of ${folder}: ${errorMessage(error)}`);
  }
}

/** Threads share the memory, so a tree is posted without a copy. */
function shared(parts: readonly Buffer[], length: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(length);
  let offset = 0;
  for (const part of parts) {
    new Uint8Array(buffer, offset).set(part);
    offset += part.length;
  }
  return buffer;
}
