// The metered copies of real modules return what the modules return: responses, errors and log entries.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { source } from '../npm/bluecrab/test/source.mjs';
import { csv, log, markdown, option, orders, pixels } from './jobs/generate.mjs';
import { encode } from './jobs/pictures.mjs';
import { pairBody } from './matrix/test/pairs.mjs';

const { Instance } = await source('module/instance');
const { readManifest } = await source('module/manifest');
const { GuestLog } = await source('log');

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const built = (name) => path(`../target/wasm32-wasip1/release/${name}.wasm`);
const jobs = ['bcrypt', 'csv', 'gzip', 'markdown', 'montecarlo', 'schema', 'thumbnail'];
const modules = [
  process.env.MATRIX_MODULE ?? built('matrix'),
  process.env.EXTRACTORS_MODULE ?? built('extractors'),
  ...jobs.map((job) => path(`jobs/${job}/rust/${job}.wasm`)),
];

const hash = { password: 'correct horse', salt: '00112233445566778899aabbccddeeff', cost: 4 };
const products = Array.from({ length: 50 }, (_, index) => pairBody(1, index));
/** Bodies that the functions accept. `multiply-rust` refuses some of the generated pairs. */
const good = {
  'multiply-rust': ['[[[1,2],[3,4]],[[5],[6]]]', ...products],
  hash: [JSON.stringify(hash)],
  csv: [csv(100)],
  gzip: [log(100)],
  gunzip: [gzipSync(log(100))],
  markdown: [markdown(3)],
  montecarlo: [JSON.stringify({ ...option, paths: 100 })],
  schema: [JSON.stringify(orders(10))],
  thumbnail: [await encode(pixels(64, 48), 'image/png'), await encode(pixels(64, 48), 'image/jpeg')],
};
/** Bodies that every function receives, though some functions refuse them. */
const BODIES = ['', 'a b a c\na', '{"x":1,"y":2.5}', '[1,"two",null]', Buffer.of(0x66, 0xff, 0)];

/** Functions that may answer differently: with times, with random numbers, or because the copy's stack ends earlier. */
const DIFFERENT = ['clocks', 'sleeps', 'oversleeps', 'words', 'fail-stack'];

const request = (id, accept) => ({
  method: 'POST',
  url: 'http://localhost/api/function?low=1&high=2',
  params: { id, secret: id, kind: id, table: 'rows', row: '3', a: 'a' },
  query: [
    ['low', '1'],
    ['high', '2'],
  ],
  headers: [
    ['accept', accept],
    ['authorization', 'Bearer 7'],
    ['content-type', 'application/json'],
    ['x-api-version', '3'],
  ],
});
const REQUESTS = [request('7', '*/*'), request('anyhow', 'application/x-npy')];

/** The head with the members that a function asks for. */
function headOf({ head }, request) {
  if (head.length === 0) return '';
  const wanted = ([name]) => head.includes('headers') || head.includes(`header:${name}`);
  const members = Object.entries(request).filter(([name]) => name !== 'headers' && head.includes(name));
  return JSON.stringify({ ...Object.fromEntries(members), headers: request.headers.filter(wanted) });
}

/** More fuel than any of these calls uses. */
const ENOUGH = 2 ** 31 - 1;

/** Returns a function that calls a module as the library does, and returns the response, the error and the log. */
function caller(file) {
  const compiled = new WebAssembly.Module(readFileSync(file));
  let instance;
  return (name, head, body, units = ENOUGH) => {
    const entries = [];
    const guestLog = new GuestLog((...entry) => entries.push(entry), 0);
    const bytes = Buffer.from(body);
    const given = {
      length: bytes.length,
      copyTo: (target, offset) => target.set(bytes, offset),
      release: () => undefined,
    };
    try {
      instance ??= new Instance(compiled, [], guestLog);
      instance.log = guestLog;
      const { status, headers, body } = instance.call({ export: name, head, body: given, units });
      return { status, headers, body: Buffer.from(body), entries };
    } catch (error) {
      instance = undefined;
      return { error: `${error.constructor.name}: ${error.message}`, entries };
    } finally {
      guestLog.end();
    }
  };
}

for (const file of modules) {
  test(`${file.split(/[\\/]/).at(-1)} and its metered copy return the same`, () => {
    const [module, copy] = [caller(file), caller(file.replace(/\.wasm$/, '.metered.wasm'))];
    for (const declaration of readManifest(readFileSync(file), file).functions) {
      const { name, export: exported } = declaration;
      if (DIFFERENT.includes(name)) continue;
      for (const [turn, request] of REQUESTS.entries()) {
        const head = headOf(declaration, request);
        for (const [index, body] of [...(good[name] ?? []), ...BODIES].entries()) {
          const expected = module(exported, head, body);
          assert.deepEqual(copy(exported, head, body), expected, `${name} with ${body.slice(0, 100)}`);
          if (name in good && turn + index === 0) assert.equal(expected.status, 200, String(expected.body));
        }
      }
      assert.match(copy(exported, headOf(declaration, REQUESTS[0]), '', 0).error, /^OutOfFuel/, name);
    }
  });
}
