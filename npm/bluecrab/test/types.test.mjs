// The package's types, from ES modules and from CommonJS modules.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const consumers = fileURLToPath(new URL('types/', import.meta.url));
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

/** Runs the compiler. Returns its errors. */
function compile(...args) {
  const { stdout, status } = spawnSync(process.execPath, [join(typescript, 'bin/tsc'), ...args], {
    cwd: consumers,
    encoding: 'utf8',
  });
  return status === 0 ? '' : stdout || `exit code ${status}`;
}

test('the types match what an ES module and a CommonJS module get at run time', () => {
  assert.equal(compile('--project', '.'), '');
});

test('the TypeScript in the documentation compiles', (t) => {
  const folder = mkdtempSync(join(consumers, 'documented-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pages = ['javascript', 'recipes', 'getting-started-nodejs'].map((name) =>
    readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8'),
  );
  const blocks = [...pages.join('\n').matchAll(/^```ts\n(.*?)^```/gms)].map(([, block]) => block);
  assert.ok(blocks.length >= 7);
  for (const [index, block] of blocks.entries()) writeFileSync(join(folder, `block${index}.mts`), block);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../tsconfig.json', include: ['*.mts'] }),
  );
  assert.equal(compile('--project', folder), '');
});

test('the types match what a bundled ES module gets', () => {
  assert.equal(compile('--project', 'bundler.json'), '');
});
