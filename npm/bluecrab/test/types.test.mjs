// The package's types, from ES modules and from CommonJS modules.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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

test('the types match what a bundled ES module gets', () => {
  assert.equal(compile('--project', 'bundler.json'), '');
});
