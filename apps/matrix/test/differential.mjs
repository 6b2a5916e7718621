// The differential test. It sends generated bodies to `multiply-mathjs` and `multiply-rust`, which must answer with the
// same bytes or both refuse. It calls the functions in this process, and the module through the runtime library, with
// every build that this Node.js can run. The variables `SEED`, `PAIRS` and `NUMBERS` change the bodies and their
// number.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { call, handlerOf } from '../../handler.mjs';
import { BATCH, numberTexts } from './numbers.mjs';
import { pairBody } from './pairs.mjs';

const app = process.env.BLUECRAB_APP ?? fileURLToPath(new URL('../dist', import.meta.url));
const { SEED: seed = 1, PAIRS: pairs = 20_000, NUMBERS: numbers = 200_000 } = process.env;
const scratch = mkdtempSync(join(tmpdir(), 'differential-'));
after(() => rmSync(scratch, { recursive: true }));

const mathjs = handlerOf(join(app, 'functions/multiply-mathjs.js'), 'multiply-mathjs');
const builds = modules().map((file) => {
  const require = createRequire(join(app, 'functions/rust.js'));
  const handler = require('bluecrab').handler(file, 'multiply-rust');
  return (body) => call(require('@azure/functions'), handler, body);
});

/** The module, and its variant with relaxed SIMD if this Node.js can run it. Each is in a separate folder. */
function modules() {
  const base = join(scratch, 'matrix.wasm');
  copyFileSync(join(app, 'matrix.wasm'), base);
  const variant = join(app, 'matrix.relaxed-simd.wasm');
  if (!existsSync(variant)) return [base];
  const bytes = readFileSync(variant);
  if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  if (!WebAssembly.validate(bytes)) return [base];
  copyFileSync(variant, join(scratch, 'relaxed.wasm'));
  return [base, join(scratch, 'relaxed.wasm')];
}

/** The bytes of an answer as text, or nothing if the body is refused. */
function text({ status, bytes }, what) {
  if (status === 400) return undefined;
  assert.equal(status, 200, `${what} is answered with ${status}: ${bytes}`);
  return bytes.toString();
}

/** Shows the first difference of two long texts. */
function assertSame(found, expected, what) {
  if (found === expected) return;
  const at = [...(expected ?? '')].findIndex((letter, index) => letter !== found?.[index]);
  const around = (answer) => answer?.slice(Math.max(0, at - 30), at + 60) ?? 'refused';
  assert.fail(`${what} differs at character ${at}: ${around(found)} instead of ${around(expected)}`);
}

test(`${pairs} products have the same bytes in Math.js and in Rust`, async () => {
  const counts = { answered: 0, refused: 0 };
  for (let index = 0; index < pairs; index++) {
    const body = pairBody(Number(seed), index);
    const what = `seed ${seed}, pair ${index}`;
    const expected = text(await mathjs(body), what);
    for (const build of builds) assertSame(text(await build(body), what), expected, what);
    counts[expected === undefined ? 'refused' : 'answered']++;
  }
  console.log(`answered ${counts.answered}, refused ${counts.refused}, by ${builds.length} builds`);
  // A test in which most bodies are refused would prove little.
  assert.ok(counts.answered >= 0.7 * pairs && counts.refused > 0, JSON.stringify(counts));
});

test(`${numbers} numbers are read and printed as in JavaScript`, async () => {
  for (let index = 0; index * BATCH < numbers; index++) {
    const texts = numberTexts(Number(seed), index);
    assert.ok(texts.length > 0.7 * BATCH, `${texts.length} numbers`);
    const body = Buffer.from(`[[[${texts.join('],[')}]],[[1]]]`);
    const expected = JSON.stringify({ result: texts.map((text) => [Number(text)]) });
    const what = `seed ${seed}, batch ${index}`;
    for (const build of builds) assertSame(text(await build(body), what), expected, what);
  }
});
