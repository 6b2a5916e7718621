// Sends the same bodies to the same function in several languages, as programs and scripts, and compares the answers.

import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startHost } from '../../apps/host.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

const folder = process.env.PROGRAMS_FOLDER ?? path('../../target/guests/programs');
const names = readdirSync(folder)
  .filter((file) => /^[^.]*\.wasm$/.test(file) && !/^(module|component)-/.test(file))
  .map((file) => file.replace(/\.wasm$/, ''));

describe('statistics', () => {
  let host;
  before(async () => {
    assert.ok(names.includes('rust') && names.length > 1, `no programs are built: ${names}`);
    host = await startHost(path('../programs'), { env: { PROGRAMS_FOLDER: folder } });
  });
  after(() => host?.stop());

  const call = (name, body) => fetch(`${host.url}/api/statistics-${name}`, { method: 'POST', body });

  for (const name of names) {
    const size = statSync(join(folder, `${name}.wasm`)).size;
    it(`of ${name}, ${(size / 1e6).toFixed(2)} MB, are those of JavaScript`, async () => {
      for (const numbers of [
        [1, 2, 3],
        [-0.5],
        [1e10, 1e-10],
        Array.from({ length: 5000 }, (_, at) => at % 17),
      ]) {
        const answer = await call(name, JSON.stringify(numbers));
        assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/json']);
        const { count, mean, deviation } = await answer.json();
        const expected = statistics(numbers);
        assert.equal(count, numbers.length);
        assertClose(mean, expected.mean);
        assertClose(deviation, expected.deviation);
      }
    });

    it(`of ${name} need a list of numbers`, async () => {
      for (const body of ['', '[]', '[1, "two"]', '{}']) {
        const answer = await call(name, body);
        assert.deepEqual([answer.status, body], [400, body]);
        assert.match(answer.headers.get('content-type'), /^text\/plain/);
        assert.notEqual((await answer.text()).trim(), '');
      }
    });

    it(`of ${name} are right when many calls run at once`, async () => {
      const bodies = Array.from({ length: 20 }, (_, at) => JSON.stringify([at, at + 2]));
      const answers = await Promise.all(bodies.map(async (body) => (await call(name, body)).json()));
      assert.deepEqual(
        answers.map(({ mean }) => mean),
        bodies.map((_, at) => at + 1),
      );
    });
  }
});

function statistics(numbers) {
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / numbers.length) };
}

function assertClose(found, expected) {
  assert.ok(Math.abs(found - expected) <= Math.abs(expected) * 1e-9 + 1e-9, `${found} is not ${expected}`);
}
