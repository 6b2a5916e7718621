// Runs the examples of the README, each as a program of its own, as an ES module and as a CommonJS module.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { multiplyNpy } from '@bluecrab/matrix';

const folder = fileURLToPath(new URL('.', import.meta.url));
const readme = readFileSync(join(folder, '../README.md'), 'utf8');
const examples = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code);

/** Files that the examples read: 1x1 matrices of 3 and 4. */
const array = (number) => {
  const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), }\n";
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([start, Buffer.from(header), Buffer.from(Float64Array.of(number).buffer)]);
};

/** Runs a program until it ends by itself. Returns what it printed. */
function run(cwd, name, code) {
  writeFileSync(join(cwd, name), code);
  const { status, stdout, stderr } = spawnSync(process.execPath, [name], { cwd, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

const cwd = mkdtempSync(join(folder, 'readme-'));
after(() => rmSync(cwd, { recursive: true }));

test('the examples print what they say', async () => {
  writeFileSync(join(cwd, 'one.npy'), array(3));
  writeFileSync(join(cwd, 'two.npy'), array(4));
  assert.equal(examples.length, 3);
  for (const code of examples) {
    const [, expected = ''] = /console\.log\(.*\); \/\/ (.*)/.exec(code) ?? [];
    assert.equal(run(cwd, 'example.mjs', code), expected);
  }
  const product = readFileSync(join(cwd, 'product.npy'));
  assert.deepEqual(product, Buffer.from(await multiplyNpy([array(3), array(4)])));
  assert.equal(product.readDoubleLE(product.length - 8), 12);
});

test('CommonJS modules require it', () => {
  const code = `const { multiplyJson } = require('@bluecrab/matrix');
    multiplyJson('[2, 3]').then((answer) => console.log(Buffer.from(answer).toString()));`;
  assert.equal(run(cwd, 'example.cjs', code), '{"result":6}');
});
