// Sends the same bodies to the functions of every language and compares the bytes of the answers.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { languages, startHost } from './host.mjs';
import { matrix, npy } from './matrices.mjs';

const guests = languages.filter((language) => language !== 'rust');
let host;

before(async () => {
  assert.ok(languages.includes('rust') && guests.length > 0, `no guests are built: ${languages}`);
  host = await startHost();
});
after(() => host?.stop());

/** Checks that every guest answers this body as Rust does. */
async function assertSame(body, type) {
  const expected = await host.post('multiply-rust', body, type);
  for (const language of type === 'application/json' ? ['go'] : guests) {
    if (!guests.includes(language)) continue;
    const answer = await host.post(`multiply-${language}`, body, type);
    const { status, type: given } = expected;
    assert.deepEqual({ status: answer.status, type: answer.type }, { status, type: given }, language);
    assert.ok(answer.bytes.equals(expected.bytes), `${language}: ${answer.bytes.subarray(0, 200)}`);
  }
  return expected;
}

describe('multiply', () => {
  for (const [rows, inner, columns] of [
    [1, 1, 1],
    [2, 2, 2],
    [1, 7, 3],
    [5, 1, 4],
    [17, 33, 9],
    [64, 64, 64],
    [3, 300, 1],
    [300, 300, 300],
  ]) {
    it(`answers ${rows}x${inner} by ${inner}x${columns} with the bytes of Rust`, async () => {
      const answer = await assertSame(Buffer.concat([npy(matrix(rows, inner)), npy(matrix(inner, columns))]));
      assert.deepEqual([answer.status, answer.bytes.length], [200, 128 + rows * columns * 8]);
    });
  }

  it('keeps the order of the sum, the sign of zero and what is not finite', async () => {
    const special = [1e308, 1e-320, -0, 1e16, 1, -1e16];
    let index = 0;
    const next = () => special[index++ % special.length];
    await assertSame(Buffer.concat([npy(matrix(6, 5, next)), npy(matrix(5, 7, next))]));
    await assertSame(Buffer.concat([npy([[-0]]), npy([[5]])]));
    await assertSame(Buffer.concat([npy([[Infinity, 1]]), npy([[2], [-0]])]));
  });

  it('refuses matrices that do not fit each other with the words of Rust', async () => {
    const answer = await assertSame(Buffer.concat([npy(matrix(2, 2)), npy(matrix(3, 2))]));
    assert.equal(answer.status, 400);
    assert.match(answer.bytes.toString(), /the columns of matrixOne \(2\) must be as many as the rows/);
  });

  it('refuses bodies that are not two matrices', async () => {
    const one = npy(matrix(2, 2));
    const huge = Buffer.concat([one, npy(matrix(2, 2))]);
    huge.write('(9999999, 9999999), }', huge.indexOf('(2, 2)'), 'latin1');
    for (const body of [
      '',
      'no array',
      one,
      Buffer.concat([one, one]).subarray(0, -1),
      Buffer.concat([one, one, Buffer.of(0)]),
      one.subarray(0, 9),
      huge,
      Buffer.concat([one, npy(matrix(2, 2), '<i8')]),
    ]) {
      for (const language of languages) {
        const answer = await host.post(`multiply-${language}`, body);
        assert.deepEqual(
          [answer.status, answer.type],
          [400, 'application/problem+json'],
          `${language}: ${answer.bytes}`,
        );
        assert.equal(JSON.parse(answer.bytes).status, 400);
      }
    }
  });

  it('in Go reads and prints JSON as JavaScript does', {
    skip: !guests.includes('go') && 'Go is not built',
  }, async () => {
    const pairs = [
      [matrix(2, 2), matrix(2, 2)],
      [matrix(40, 30), matrix(30, 50)],
      [
        [[1e21, 1e-7, 123456789]],
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
      ],
      [[[-1]], [[0]]],
      [[[1e308]], [[1e308]]],
    ];
    for (const pair of pairs) {
      const { status } = await assertSame(JSON.stringify(pair), 'application/json');
      assert.equal(status, 200);
    }
  });
});

describe('echo', () => {
  for (const language of guests) {
    it(`in ${language} gives body and media type back`, async () => {
      for (const length of [0, 1, 4097, 1 << 20, 20 << 20]) {
        const body = Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, value) => value)));
        const answer = await host.post(`echo-${language}`, body, 'text/x-"quoted"');
        assert.deepEqual([answer.status, answer.type], [200, 'text/x-"quoted"']);
        assert.ok(answer.bytes.equals(body));
      }
    });
  }
});

describe('panic', () => {
  for (const language of guests) {
    it(`in ${language} is logged and costs its request only`, async () => {
      const answer = await host.post(`panic-${language}`, '');
      assert.deepEqual([answer.status, answer.type], [500, 'application/problem+json']);
      assert.equal((await host.post(`echo-${language}`, 'next')).bytes.toString(), 'next');
      assert.match(host.printed(), /this function ends in/);
    });
  }
});
