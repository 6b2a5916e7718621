// The folders of the library import each other in one direction. What several of them need is in `src` itself.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const SOURCES = new URL('../src/', import.meta.url);

/** Returns the folders from which the files of a folder import. */
function importsOf(folder) {
  const files = readdirSync(new URL(`${folder}/`, SOURCES));
  const text = files.map((file) => readFileSync(new URL(`${folder}/${file}`, SOURCES), 'utf8')).join('\n');
  return new Set([...text.matchAll(/from '\.\.\/(\w+)\//g)].map(([, imported]) => imported));
}

test('no folder imports from itself through others', () => {
  const entries = readdirSync(SOURCES, { withFileTypes: true });
  const folders = new Map(
    entries.filter((entry) => entry.isDirectory()).map(({ name }) => [name, importsOf(name)]),
  );
  assert.ok(folders.get('http').has('trigger'), 'the test reads the imports');
  // Remove a folder that imports from no remaining folder, until none is left.
  while (folders.size > 0) {
    const last = [...folders].find(([, imports]) => ![...imports].some((name) => folders.has(name)));
    assert.ok(last, `these folders import each other: ${[...folders.keys()].join(', ')}`);
    folders.delete(last[0]);
  }
});
