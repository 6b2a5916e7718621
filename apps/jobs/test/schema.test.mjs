import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { orders } from '../generate.mjs';
import { startJob } from './host.mjs';

let job;
before(async () => {
  job = await startJob('schema');
});
after(() => job?.stop());

test('both sides accept the same documents', async () => {
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

test('both sides agree in cases in which validators are often wrong', async () => {
  const [order] = orders(1, 1);
  const line = (changes) => ({ lines: [{ ...order.lines[0], ...changes }] });
  const name = (name) => ({ customer: { ...order.customer, name } });
  const payment = (payment) => ({ payment });
  // Cases of the JSON-Schema-Test-Suite, draft 2020-12 (MIT), changed to orders.
  for (const [is, what, changes] of [
    [true, 'a float with zero fractional part is an integer', line({ quantity: '1.0' })],
    [true, 'an exponent is an integer', line({ quantity: '1e3' })],
    [false, 'a float is not an integer', line({ quantity: 1.5 })],
    [false, 'a string is still not an integer', line({ quantity: '"1"' })],
    [false, 'a boolean is not an integer', line({ quantity: true })],
    [false, 'the boundary point of an exclusive minimum', line({ price: 0 })],
    [true, 'negative zero is zero', line({ discount: '-0.0' })],
    [true, 'two supplementary code points are two', name('💩'.repeat(80))],
    [false, 'one more is too long', name('💩'.repeat(81))],
    [false, 'ECMA 262: $ does not match before a line break', { id: 'AB-123456\n' }],
    [false, 'ECMA 262: digits are those of ASCII', { id: 'AB-१२३४५६' }],
    [true, 'a float and an integer are equal in an enum', payment({ method: 'invoice', days: '14.0' })],
    [false, 'no alternative of oneOf', payment({ method: 'cash', days: 14 })],
    [false, 'a const is of one case', payment({ method: 'Card', token: 'x'.repeat(16) })],
    [true, 'an empty list is unique', { tags: [] }],
    [false, 'a non-unique list', { tags: ['gift', 'gift'] }],
    [false, 'a name of Object.prototype is additional', { constructor: 1 }],
    [false, 'so is __proto__', { __proto: 1 }],
  ]) {
    const text = JSON.stringify({ ...order, ...changes }).replace('"__proto"', '"__proto__"');
    // Numbers in notations that JSON.stringify would not keep.
    const body = `[${text.replace(/"(1\.0|1e3|-0\.0|14\.0)"/g, '$1').replace('"\\"1\\""', '"1"')}]`;
    const { results } = JSON.parse((await job.sameBytes('schema', body)).text);
    assert.deepEqual(results, [is], `${what}: ${body}`);
  }
});

test('both sides agree on what is JSON', async () => {
  // Cases of the JSONTestSuite by Nicolas Seriot (MIT).
  const good = [
    '[]',
    ' [] ',
    '[1e-2]',
    '[-0]',
    '[0e+1]',
    '["\\u0000"]',
    '["\\ud83d\\ude00"]',
    '[{"a":1,"a":2}]',
    '["\u2028"]',
  ];
  for (const body of [...good, '\ufeff[]', '[100000000000000000000]', `${'['.repeat(127)}${']'.repeat(127)}`])
    await job.sameBytes('schema', body);
  const bad = [
    '[1,]',
    '[,1]',
    '[1 2]',
    '[01]',
    '[+1]',
    '[.5]',
    '[1.]',
    '[-]',
    '[0x1]',
    '[NaN]',
    '[Infinity]',
    '[tru]',
  ];
  const strings = ["['a']", '["\t"]', '["\\x"]', '["\\u12"]', '["a]', '[{a:1}]', '[{"a":1,}]', '[{"a"}]'];
  for (const body of [
    ...bad,
    ...strings,
    '[1]x',
    '[] []',
    '[1]]',
    '/**/[]',
    '[\f]',
    '[\u00a01]',
    Buffer.from('[]', 'utf16le'),
  ])
    await job.refused('schema', body);
});

test('JSON with another content type is refused', async () => {
  await job.takesOnlyJson('schema', JSON.stringify(orders(3, 1)));
});

test('a body that is not a list of documents is refused', async () => {
  for (const body of ['', '{', '{}', '"x"', '[1,']) await job.refused('schema', body);
});
