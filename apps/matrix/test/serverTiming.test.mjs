// The header Server-Timing. Each implementation of the product must list the same stages.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHost } from './host.mjs';
import { generator, json, kinds, matrix } from './random.mjs';

let host;
before(async () => {
  process.env.BLUECRAB_SERVER_TIMING = '1';
  host = await startHost();
});
after(() => host?.stop());

const PARTS = ['parse', 'multiply', 'print'];
const MODULE_STAGES = [
  'body',
  'queue',
  'copy-in',
  'compute',
  ...PARTS.map((part) => `compute.${part}`),
  'copy-out',
];
const random = generator(7);
const square = (size) => json(matrix(random, size, size, kinds.uniform));
const bodies = [2, 60].map((size) => `[${square(size)},${square(size)}]`);

for (const [name, expected] of [
  ['multiply-mathjs', ['body', ...PARTS]],
  ['multiply-ndarray', MODULE_STAGES],
  ['multiply-rust', MODULE_STAGES],
]) {
  test(`${name} lists its stages`, async () => {
    for (const body of bodies) {
      const start = performance.now();
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${host.url}/api/${name}`, { method: 'POST', body, headers });
      await response.arrayBuffer();
      const whole = performance.now() - start;
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'application/json');
      const metrics = response.headers.get('server-timing').split(', ');
      const times = metrics.map((metric) => metric.split(';dur='));
      assert.deepEqual(
        times.map(([stage]) => stage),
        expected,
      );
      const sum = (of) => of.reduce((sum, [, time]) => sum + Number(time), 0);
      const isPart = ([stage]) => stage.includes('.');
      assert.ok(sum(times.filter((time) => !isPart(time))) < whole, metrics.join());
      const compute = times.filter(([stage]) => stage === 'compute');
      if (compute.length > 0) assert.ok(sum(times.filter(isPart)) <= sum(compute) + 0.005, metrics.join());
    }
  });
}
