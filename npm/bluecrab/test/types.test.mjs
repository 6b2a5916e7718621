// What TypeScript sees of the package: the types of an ES module from an ES module, those of CommonJS from CommonJS.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const consumers = fileURLToPath(new URL('types/', import.meta.url));
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

/** Runs the compiler; returns what it complains of. */
function compile(...args) {
  const { stdout, status } = spawnSync(process.execPath, [join(typescript, 'bin/tsc'), ...args], {
    cwd: consumers,
    encoding: 'utf8',
  });
  return status === 0 ? '' : stdout || `exit code ${status}`;
}

test('an ES module and a CommonJS module are checked against what they get at run time', () => {
  assert.equal(compile('--project', '.'), '');
});

test('a bundled ES module is too', () => {
  assert.equal(compile('--project', 'bundler.json'), '');
});
