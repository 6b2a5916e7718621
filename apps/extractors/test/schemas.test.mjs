// What `bluecrab openapi` and `bluecrab types` write, judged by a public validator and by the TypeScript compiler.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { bluecrab, startHost } from '../../host.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bluecrab-schemas-'));
after(() => rmSync(folder, { recursive: true }));

/** Writes a file with a verb of the command. Returns its text, and the notes of the command. */
function written(verb, name) {
  const file = join(folder, name);
  const words = [verb, path('..'), '--output', file];
  const { status, stderr } = spawnSync(bluecrab, words, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  execFileSync(bluecrab, [...words, '--check'], { stdio: 'pipe' });
  return { text: readFileSync(file, 'utf8'), notes: stderr };
}

test('the OpenAPI document is valid and describes the functions', async () => {
  const { text, notes } = written('openapi', 'openapi.json');
  const document = JSON.parse(text);
  const { valid, errors } = await new Validator().validate(document);
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(document.openapi, '3.1.0');

  const { post } = document.paths['/api/json-body'];
  const point = { 'application/json': { schema: { $ref: '#/components/schemas/Point' } } };
  assert.deepEqual(post.requestBody, { required: true, content: point });
  assert.deepEqual(post.responses[200].content, point);
  assert.equal(post.description, 'Reads and returns JSON.');
  assert.deepEqual(document.components.schemas.Point.required, ['x', 'y']);

  const parameters = (path) =>
    document.paths[path].get.parameters.map(({ in: place, name, required, schema }) => [
      place,
      name,
      required,
      schema.type ?? schema.anyOf?.length,
    ]);
  assert.deepEqual(parameters('/api/path-pair/{table}/{row}'), [
    ['path', 'table', true, 'string'],
    ['path', 'row', true, 'integer'],
  ]);
  assert.deepEqual(parameters('/api/path-struct/{row}/{table}'), [
    ['path', 'row', true, 'integer'],
    ['path', 'table', true, 'string'],
  ]);
  assert.deepEqual(parameters('/api/query').sort(), [
    ['query', 'full', false, 'boolean'],
    ['query', 'ids', false, 'array'],
    ['query', 'order', false, 2],
    ['query', 'page', true, 'integer'],
    ['query', 'word', false, ['string', 'null']],
  ]);
  assert.deepEqual(parameters('/api/header'), [['header', 'x-api-version', true, 'integer']]);
  assert.ok(document.paths['/api/whole/{a}'] && document.paths['/api/whole/{a}/{b}']);

  // What only the running function knows is any content, and the command says so.
  for (const [name, type] of [
    ['give-response', 'Response'],
    ['give-broken-header', 'impl IntoResponse'],
  ]) {
    const { responses } = document.paths[`/api/${name}`].get;
    assert.deepEqual(responses['2XX'].content, { '*/*': { schema: true } }, name);
    assert.ok(
      notes.includes(`note: ${name} returns ${type}, so its response is described as any content`),
      notes,
    );
  }
  assert.ok(!notes.includes('json-body'), notes);
});

test('a module that runs does not describe itself', () => {
  const built =
    process.env.EXTRACTORS_MODULE ?? path('../../../target/wasm32-wasip1/release/extractors.wasm');
  const exports = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(built)));
  const names = exports.map(({ name }) => name);
  assert.ok(
    names.includes('memory') && !names.some((name) => name.startsWith('bluecrab_schema_')),
    `${names}`,
  );
});

test('the app serves its document, as the documentation says', async () => {
  const page = readFileSync(path('../../../docs/commands.md'), 'utf8');
  const [, recipe] = /serve the document at `\/api\/openapi\.json`.*?```js\n(.*?)```/s.exec(page);
  const own = join(folder, 'app');
  mkdirSync(own);
  copyFileSync(path('../host.json'), join(own, 'host.json'));
  copyFileSync(join(folder, 'openapi.json'), join(own, 'openapi.json'));
  writeFileSync(join(own, 'package.json'), '{ "main": "index.js" }');
  writeFileSync(join(own, 'index.js'), recipe);
  symlinkSync(path('../../../node_modules'), join(own, 'node_modules'));
  const host = await startHost(own);
  try {
    const response = await fetch(`${host.url}/api/openapi.json`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^application\/json/);
    const served = await response.json();
    assert.deepEqual(served, JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8')));
    assert.ok((await new Validator().validate(served)).valid);
  } finally {
    await host.stop();
  }
});

test('the functions have the order of their names, whatever the linker chose', () => {
  const { text } = written('types', 'ordered.d.ts');
  const names = [...text.matchAll(/^ {6}'([^']+)': \{$/gm)].map(([, name]) => name);
  assert.ok(names.length > 10, text);
  assert.deepEqual(names, names.toSorted());
});

const CALLS = `
import { callable, type ModuleFunctions } from 'bluecrab/callable';
import type { Point } from './bluecrab';

const turn = callable('extractors.wasm', 'json-body');
export async function turned(): Promise<Point> {
  return (await turn({ x: 1, y: 2 })).json();
}
export const order: NonNullable<ModuleFunctions['extractors.wasm']['query']['query']['order']> = 'up';
// @ts-expect-error: y is missing
void turn({ x: 1 });
// @ts-expect-error: the result is a point
export const wrong = turn('{"x":1,"y":2}').then((result) => result.json().z);
// @ts-expect-error: the module has no such function
callable('extractors.wasm', 'jsonbody');
// A module that no declaration names
void callable('other.wasm', 'json-body')({ x: 1 });
`;

test('the TypeScript compiler accepts the types and finds wrong calls', () => {
  written('types', 'bluecrab.d.ts');
  symlinkSync(path('../../../node_modules'), join(folder, 'node_modules'));
  for (const [name, module] of [
    ['calls.cts', 'commonjs'],
    ['calls.mts', 'esm'],
  ]) {
    const local = module === 'esm' ? './bluecrab.d.ts' : './bluecrab';
    writeFileSync(join(folder, name), CALLS.replace("'./bluecrab'", `'${local}'`));
  }
  const options = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2022',
    types: ['node'],
    skipLibCheck: false,
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['bluecrab.d.ts', 'calls.cts', 'calls.mts'] }),
  );
  const compiler = path('../../../node_modules/typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [compiler, '--project', folder], { encoding: 'utf8' });
  } catch ({ stdout }) {
    assert.fail(stdout);
  }
});
