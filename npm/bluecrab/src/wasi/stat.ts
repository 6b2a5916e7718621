// Writes the attributes of files.

import type { GuestMemory } from './memory';
import type { File, Folder } from './tree';

const FILESTAT_BYTES = 64;
/** All files are on one device. Streams are on another. */
const DEVICE = 1n;

/** @param node - the file or folder; nothing for a stream */
export function writeStat(
  memory: GuestMemory,
  result: number,
  type: number,
  node: File | Folder | undefined,
): void {
  const stat = memory.view(result, FILESTAT_BYTES);
  const size = node && 'bytes' in node ? node.bytes.length : 0;
  const modified = node?.modified ?? 0n;
  const fields = [node ? DEVICE : 0n, node?.inode ?? 0n, BigInt(type), 1n, BigInt(size)];
  for (const [index, field] of [...fields, modified, modified, modified].entries())
    stat.setBigUint64(index * 8, field, true);
}
