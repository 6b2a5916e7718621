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

test('both sides make the same groups', async () => {
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

test('unusual CSV is read the same', async () => {
  // Similar to csv-spectrum (BSD-2-Clause) and the examples of RFC 4180.
  for (const [rows, region, sum] of [
    ['\na,1\n\n', 'a', 1],
    ['a,1\r\na,2\r\n', 'a', 3, '\r\n'],
    ['a,1\ra,2', 'a', 3, '\r'],
    ['"a, ""quoted"", b",1', 'a, "quoted", b', 1],
    ['"two\nlines",1', 'two\nlines', 1],
    ['"","1"', '', 1],
    ['a"b,1', 'a"b', 1],
    [' "a",1', ' "a"', 1],
    ['ʤ 日本,.5', 'ʤ 日本', 0.5],
    ['__proto__,+5.', '__proto__', 5],
    ['a,9007199254740993', 'a', 9007199254740992],
    ['a,1e-400', 'a', 0],
  ].map(([rows, region, sum, end = '\n']) => [`region,amount${end}${rows}`, region, sum])) {
    for (const mark of ['', '\ufeff']) {
      const [group] = await groups(mark + rows);
      assert.deepEqual([group.region, group.sum], [region, sum], rows);
    }
  }
  for (const body of ['region,amount', 'region,amount\n\n']) assert.deepEqual(await groups(body), []);
});

test('a body that is not a table of sales is refused', async () => {
  const bodies = [
    '',
    'region;amount\na;1\n',
    'region\tamount\na\t1\n',
    'Region,Amount\na,1\n',
    'region,amount,region\na,1,b\n',
    'region,amount,amount\na,1,2\n',
    'region,amount\na,12 apples\n',
    'region,amount\na, 1\n',
    'region,amount\na,0x10\n',
    'region,amount\na,1e400\n',
    'region,amount\na,NaN\n',
    'region,amount\na,\n',
    'region,amount\na,1,2\n',
    'region,amount\n"a,1\n',
    "region,amount\n'a,b',1\n",
    Buffer.from('region,amount\n\xff,1\n', 'latin1'),
    'region,items\na,1\n',
    'region,amount\na,two\n',
    'region,amount\na,1\nb\n',
    'region,amount\na,inf\n',
  ];
  for (const body of bodies) await job.refused('csv', body);
});
