// The environment variables of a program.

import { variable } from '../environment';

const ENTRY = /^([^=\0]+)(=[^\0]*)?$/;

/**
 * Returns what reads the variables. An entry `NAME=VALUE` sets a variable, and an entry `NAME` passes on the app's.
 *
 * @throws Error if an entry is wrong
 */
export function variablesReader(entries: readonly string[], where: string): () => string[] {
  for (const entry of entries) {
    if (!ENTRY.test(entry))
      throw new Error(`${where}: env has ${JSON.stringify(entry)}, but expected NAME or NAME=VALUE`);
  }
  return () => entries.flatMap((entry) => (entry.includes('=') ? entry : (variable(entry) ?? [])));
}

/** Returns variables as entries. Values that are not strings become JSON, and those with a NUL are left out. */
export function entriesOf(variables: Record<string, unknown>): string[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    // A NUL would end the value early.
    return text === undefined || text.includes('\0') ? [] : `${name}=${text}`;
  });
}
