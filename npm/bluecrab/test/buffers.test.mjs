import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { transformSync } from 'esbuild';

const source = readFileSync(new URL('../src/buffers.ts', import.meta.url), 'utf8');
const { code } = transformSync(source, { loader: 'ts', format: 'esm' });
const { releaseBuffer, acquireBuffer } = await import(
  `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Whether the free list keeps a buffer of this length. */
async function isKept(length) {
  const kept = (() => {
    const bytes = acquireBuffer(length);
    releaseBuffer(bytes);
    return new WeakRef(bytes.buffer);
  })();
  await turn();
  collect();
  return kept.deref() !== undefined;
}

test('large buffers are reused', async () => {
  assert.equal(await isKept(100_000), true);
  const [one, two] = [acquireBuffer(100_000), acquireBuffer(100_000)];
  assert.notEqual(one.buffer, two.buffer);
  releaseBuffer(one);
  assert.equal(acquireBuffer(90_000).buffer, one.buffer);
});

test('small buffers and very large buffers are not reused', async () => {
  for (const length of [0, 1, 1000, 16_000, 9 << 20]) assert.equal(await isKept(length), false, `${length}`);
});

test('the free list has a size limit', async () => {
  const buffers = Array.from({ length: 20 }, () => acquireBuffer(1 << 20));
  const kept = buffers.map(({ buffer }) => new WeakRef(buffer));
  for (const buffer of buffers.splice(0)) releaseBuffer(buffer);
  await turn();
  collect();
  assert.equal(kept.filter((buffer) => buffer.deref() !== undefined).length, 8);
});
