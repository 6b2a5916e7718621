// A folder's files in memory, which nobody changes. Threads and instances share them.

/** A tree as it is posted to a thread. */
export interface PostedTree {
  /** Threads keep their trees by this name. */
  id: string;
  /** The entries of the folder as JSON, in UTF-8. */
  index: SharedArrayBuffer;
  /** The contents of all files, one after the other, in the order of the index. */
  contents: SharedArrayBuffer;
}

/** The name, when it was modified (in milliseconds), and the size of a file or the entries of a folder. */
export type IndexEntry = readonly [name: string, modifiedMs: number, content: number | readonly IndexEntry[]];

interface Node {
  inode: bigint;
  /** When it was modified, in nanoseconds since 1970. */
  modified: bigint;
}

export interface File extends Node {
  bytes: Uint8Array;
}

export interface Folder extends Node {
  /** The root is its own parent. */
  parent: Folder;
  entries: ReadonlyMap<string, File | Folder>;
}

export function isFolder(node: File | Folder): node is Folder {
  return 'entries' in node;
}

const trees = new Map<string, Folder>();

/** Returns the root of a posted tree. */
export function treeOf(posted: PostedTree): Folder {
  const root = trees.get(posted.id) ?? readTree(posted);
  trees.set(posted.id, root);
  return root;
}

function readTree({ index, contents }: PostedTree): Folder {
  // `slice` copies, because TextDecoder does not read shared memory.
  const entries: readonly IndexEntry[] = JSON.parse(new TextDecoder().decode(new Uint8Array(index).slice()));
  let inode = 1n;
  let offset = 0;
  const nodeOf = (modifiedMs: number) => ({ inode: inode++, modified: BigInt(Math.round(modifiedMs * 1e6)) });
  const fill = (folder: Folder, content: readonly IndexEntry[]): Folder => {
    const children = content.map(([name, modifiedMs, inside]): [string, File | Folder] => {
      const node = nodeOf(modifiedMs);
      if (typeof inside !== 'number')
        return [name, fill({ ...node, parent: folder, entries: new Map() }, inside)];
      const bytes = new Uint8Array(contents, offset, inside);
      offset += inside;
      return [name, { ...node, bytes }];
    });
    folder.entries = new Map(children);
    return folder;
  };
  const root = { ...nodeOf(0), entries: new Map() } as unknown as Folder;
  root.parent = root;
  return fill(root, entries);
}
