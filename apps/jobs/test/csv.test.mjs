import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { csv } from '../generate.mjs';
import { assertClose, startJob } from './host.mjs';

let job;
before(async () => {
  job = await startJob('csv');
});
after(() => job?.stop());

async function groups(body) {
  const [one, two] = await job.answers('csv', body);
  assertClose(JSON.parse(one.text), JSON.parse(two.text), 1e-12);
  return JSON.parse(two.text);
}

test('groups are the same', async () => {
  for (const seed of [1, 2, 3]) {
    const found = await groups(csv(2000, seed));
    assert.ok(found.length > 5);
    assert.equal(
      found.reduce((sum, group) => sum + group.count, 0),
      2000,
    );
  }
  const quoted = 'region,amount\r\n"a, ""b""\nc",1.5\r\nx,-2e1\r\n"a, ""b""\nc",2.5\r\n';
  assert.deepEqual(await groups(quoted), [
    { region: 'a, "b"\nc', count: 2, sum: 4, mean: 2, min: 1.5, max: 2.5 },
    { region: 'x', count: 1, sum: -20, mean: -20, min: -20, max: -20 },
  ]);
});

test('what is no table of sales is refused', async () => {
  const bodies = [
    '',
    'region,items\na,1\n',
    'region,amount\na,two\n',
    'region,amount\na,1\nb\n',
    'region,amount\na,inf\n',
  ];
  for (const body of bodies) await job.refused('csv', body);
});
