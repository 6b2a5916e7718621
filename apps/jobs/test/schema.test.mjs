import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { orders } from '../generate.mjs';
import { startJob } from './host.mjs';

let job;
before(async () => {
  job = await startJob('schema');
});
after(() => job?.stop());

test('the same documents are valid', async () => {
  for (const seed of [1, 2, 3]) {
    const { valid, invalid, results } = JSON.parse(
      (await job.sameBytes('schema', JSON.stringify(orders(300, seed)))).text,
    );
    assert.equal(valid + invalid, 300);
    assert.equal(results.length, 300);
    assert.ok(valid > 200 && invalid > 20, `${valid} valid, ${invalid} invalid`);
  }
  await job.sameBytes('schema', '[]');
  await job.sameBytes('schema', '[null, 1, "x", [], {}, {"id": "AB-123456"}]');
});

test('JSON that does not say so is refused', async () => {
  await job.takesOnlyJson('schema', JSON.stringify(orders(3, 1)));
});

test('what is no list of documents is refused', async () => {
  for (const body of ['', '{', '{}', '"x"', '[1,']) await job.refused('schema', body);
});
