// Every form of `main`: which files are loaded, in which order. The expectations are what the platform's worker does;
// BLUECRAB_WORKER_DIR names the folder of one to run them against.

import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { start, writeApp } from './host.mjs';

/** A file that registers a function of its own name, without the dots and slashes. */
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
  // A folder: every file below it, those of the folder itself first.
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
  // Alternatives: the order is that of the folders, whichever is written first.
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

test('loads what the platform loads, in its order', async (t) => {
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

test('loads nothing where the platform loads nothing, and says so', async (t) => {
  for (const main of REFUSED) {
    await t.test(main, async () => {
      const worker = await start(appWith(main));
      // The platform's worker says why only to a host that goes on to load a function.
      const load = { functionLoadRequest: { functionId: 'any', metadata: { isProxy: true } } };
      const { result } = await worker.ask('load', load, 'functionLoadResponse');
      worker.stop();
      assert.equal(worker.metadata.functionMetadataResults, undefined, JSON.stringify(worker.metadata));
      assert.equal(result.status ?? 'Failure', 'Failure');
      assert.ok(result.exception.message.includes(`"${main}"`), result.exception.message);
    });
  }
});
