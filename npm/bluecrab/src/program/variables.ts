// The environment variables of a program that its options name.

import { variable } from '../environment';

const ENTRY = /^([^=\0]+)(=[^\0]*)?$/;

/**
 * Returns what reads the variables: an entry `NAME=VALUE` is one, and an entry `NAME` is the app's variable.
 *
 * @throws Error if an entry is wrong
 */
export function variablesReader(entries: readonly string[], where: string): () => string[] {
  for (const entry of entries) {
    if (!ENTRY.test(entry))
      throw new Error(`${where}: env has ${JSON.stringify(entry)}, but NAME or NAME=VALUE is expected`);
  }
  return () => entries.flatMap((entry) => (entry.includes('=') ? entry : (variable(entry) ?? [])));
}
