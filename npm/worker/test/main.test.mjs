// Which files each form of `main` loads, and in which order. The expected files come from the platform's worker: set
// BLUECRAB_WORKER_DIR to its folder to run these tests with it.

import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { start, writeApp } from './host.mjs';

/** Returns a file that registers a function. The function has the file's name, without dots and slashes. */
const registers = (file) =>
  `require('@azure/functions').app.http('${nameOf(file)}', { handler: () => ({}) });`;
const nameOf = (file) => file.replace(/\W/g, '_');
const FILES = [
  'index.js',
  'other.cjs',
  'dist/index.js',
  'dist/setup.js',
  'dist/.hidden.js',
  'dist/functions/a.js',
  'dist/functions/b.js',
  'dist/functions/deep/c.js',
  'lib/index.js',
  'lib/node_modules/pack/index.js',
  'mixed/one.cjs',
  'mixed/three.mjs',
  'mixed/two.js',
  'odd names/[id].js',
  'odd names/ä.js',
];
const LOADED = [
  ['index.js', ['index.js']],
  ['./index.js', ['index.js']],
  ['other.cjs', ['other.cjs']],
  ['dist/index.js', ['dist/index.js']],
  ['dist/../index.js', ['index.js']],
  // A folder: every file below it, first the files in the folder itself.
  [
    'dist',
    [
      'dist/index.js',
      'dist/setup.js',
      'dist/functions/a.js',
      'dist/functions/b.js',
      'dist/functions/deep/c.js',
    ],
  ],
  [
    './dist/',
    [
      'dist/index.js',
      'dist/setup.js',
      'dist/functions/a.js',
      'dist/functions/b.js',
      'dist/functions/deep/c.js',
    ],
  ],
  ['dist/functions', ['dist/functions/a.js', 'dist/functions/b.js', 'dist/functions/deep/c.js']],
  ['lib', ['lib/index.js', 'lib/node_modules/pack/index.js']],
  ['linked', ['lib/index.js', 'lib/node_modules/pack/index.js']],
  // A pattern.
  ['*.js', ['index.js']],
  ['dist/*.js', ['dist/index.js', 'dist/setup.js']],
  ['dist/functions/*', ['dist/functions/a.js', 'dist/functions/b.js']],
  ['dist/functions/?.js', ['dist/functions/a.js', 'dist/functions/b.js']],
  ['dist/functions/[b-z].js', ['dist/functions/b.js']],
  ['dist/!(index).js', ['dist/.hidden.js', 'dist/setup.js']],
  ['dist/@(setup|index).js', ['dist/index.js', 'dist/setup.js']],
  ['dist/functions/**/*.js', ['dist/functions/a.js', 'dist/functions/b.js', 'dist/functions/deep/c.js']],
  ['dist/.*.js', ['dist/.hidden.js']],
  ['mixed/*.{js,cjs,mjs}', ['mixed/one.cjs', 'mixed/three.mjs', 'mixed/two.js']],
  // Alternatives: the folders decide the order, not the pattern.
  ['dist/{index.js,functions/*.js}', ['dist/index.js', 'dist/functions/a.js', 'dist/functions/b.js']],
  ['dist/{functions/*.js,index.js}', ['dist/index.js', 'dist/functions/a.js', 'dist/functions/b.js']],
  ['dist/{setup,index}.js', ['dist/index.js', 'dist/setup.js']],
  ['{dist/functions/*.js,index.js}', ['index.js', 'dist/functions/a.js', 'dist/functions/b.js']],
  ['dist/{functions/b.js,functions/*.js}', ['dist/functions/a.js', 'dist/functions/b.js']],
  ['dist/{index,gone}.js', ['dist/index.js']],
  // Names with special characters.
  ['odd names/ä.js', ['odd names/ä.js']],
  ['odd names/[id].js', ['odd names/[id].js']],
  ['odd names/\\[id\\].js', ['odd names/[id].js']],
];
const REFUSED = [
  'gone.js',
  'index',
  'dist/index',
  'dist/*.ts',
  'empty',
  '!dist/index.js',
  'DIST/index.js',
  'dist\\index.js',
];

function appWith(main) {
  const files = Object.fromEntries(FILES.map((file) => [file, registers(file)]));
  files['mixed/three.mjs'] = registers('mixed/three.mjs').replace(
    /require\('(.*?)'\)/,
    "import { app } from '$1';\n({ app })",
  );
  const folder = writeApp({ ...files, 'package.json': { main }, 'empty/.keep': '' });
  symlinkSync('lib', join(folder, 'linked'));
  return folder;
}

test('loads what the platform loads, in the same order', async (t) => {
  for (const [main, expected] of LOADED) {
    await t.test(main, async () => {
      const worker = await start(appWith(main));
      const { result, functionMetadataResults } = worker.metadata;
      worker.stop();
      assert.equal(result.status, 'Success', result.exception?.message);
      assert.deepEqual(
        functionMetadataResults?.map(({ name }) => name),
        expected.map(nameOf),
      );
    });
  }
});

test('fails if the platform loads nothing', async (t) => {
  for (const main of REFUSED) {
    await t.test(main, async () => {
      const worker = await start(appWith(main));
      // The platform's worker reports the reason only when the host loads a function.
      const load = { functionLoadRequest: { functionId: 'any', metadata: { isProxy: true } } };
      const { result } = await worker.ask('load', load, 'functionLoadResponse');
      worker.stop();
      assert.equal(worker.metadata.functionMetadataResults, undefined, JSON.stringify(worker.metadata));
      assert.equal(result.status ?? 'Failure', 'Failure');
      assert.ok(result.exception.message.includes(`"${main}"`), result.exception.message);
    });
  }
});
