// Products of numbers, compared with those of Math.js bit by bit.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { MatrixError, multiply, ShapeError, TooLargeError } from '@bluecrab/matrix';
import fc from 'fast-check';
import { multiply as multiplyByMathjs } from 'mathjs';
import { generator, kinds } from '../../../apps/matrix/test/random.mjs';

// Each run has the same cases.
fc.configureGlobal({ seed: 2019 });

/** Makes a matrix of random numbers. */
function randomMatrix(random, rows, columns, kind) {
  return { data: Float64Array.from({ length: rows * columns }, () => kinds[kind](random)), rows, columns };
}

function nested({ data, rows, columns }) {
  return Array.from({ length: rows }, (_, row) => [...data.subarray(row * columns, (row + 1) * columns)]);
}

/** The bits of numbers. JavaScript does not distinguish NaNs. */
function bits(numbers) {
  const same = Float64Array.from(numbers, (number) => (Number.isNaN(number) ? Number.NaN : number));
  return [...new BigUint64Array(same.buffer)];
}

describe('multiply', () => {
  for (const kind of Object.keys(kinds)) {
    test(`has the bits of Math.js with numbers of the kind ${kind}`, async () => {
      const random = generator(2019);
      for (const [rows, inner, columns] of [
        [1, 1, 1],
        [2, 2, 2],
        [1, 7, 1],
        [5, 1, 6],
        [3, 4, 1],
        [30, 20, 40],
        [65, 129, 33],
      ]) {
        const one = randomMatrix(random, rows, inner, kind);
        const two = randomMatrix(random, inner, columns, kind);
        const product = await multiply(one, two);
        const expected = multiplyByMathjs(nested(one), nested(two)).flat();
        assert.deepEqual([product.rows, product.columns], [rows, columns]);
        assert.deepEqual(bits(product.data), bits(expected), `${rows}x${inner} times ${inner}x${columns}`);
      }
    });
  }

  test('is the sum of products for every shape, also without rows or columns', async () => {
    const length = fc.nat({ max: 9 });
    await fc.assert(
      fc.asyncProperty(length, length, length, fc.integer(), async (rows, inner, columns, seed) => {
        const random = generator(seed);
        const one = randomMatrix(random, rows, inner, 'uniform');
        const two = randomMatrix(random, inner, columns, 'uniform');
        const product = await multiply(one, two);
        assert.deepEqual([product.rows, product.columns], [rows, columns]);
        const expected = Array.from({ length: rows * columns }, (_, index) => {
          const [row, column] = [Math.floor(index / columns), index % columns];
          const products = Array.from(
            { length: inner },
            (_, k) => one.data[row * inner + k] * two.data[k * columns + column],
          );
          return products.length === 0 ? 0 : products.reduce((sum, number) => sum + number);
        });
        assert.deepEqual(bits(product.data), bits(expected));
      }),
    );
  });

  test('reads a part of a buffer, and leaves the operands as they are', async () => {
    const numbers = Float64Array.of(9, 1, 2, 9);
    const one = { data: numbers.subarray(1, 3), rows: 1, columns: 2 };
    const products = await Promise.all(
      [3, 4, 5].map((number) => multiply(one, { data: Float64Array.of(number, 1), rows: 2, columns: 1 })),
    );
    assert.deepEqual(
      products.map(({ data }) => [...data]),
      [[5], [6], [7]],
    );
    assert.deepEqual([...numbers], [9, 1, 2, 9]);
  });

  test('keeps infinite numbers and NaN', async () => {
    const one = { data: Float64Array.of(Number.NaN, Number.NEGATIVE_INFINITY), rows: 2, columns: 1 };
    const { data } = await multiply(one, { data: Float64Array.of(2), rows: 1, columns: 1 });
    assert.deepEqual([...data], [Number.NaN, Number.NEGATIVE_INFINITY]);
  });

  test('is one function for `import` and for `require`', () => {
    const required = createRequire(import.meta.url)('@bluecrab/matrix');
    assert.equal(required.multiply, multiply);
    assert.equal(required.ShapeError, ShapeError);
  });
});

describe('multiply refuses', () => {
  const square = { data: Float64Array.of(1, 2, 3, 4), rows: 2, columns: 2 };
  const rejects = (one, two, Class, message) =>
    assert.rejects(multiply(one, two), (error) => {
      assert.ok(error instanceof Class, String(error));
      assert.deepEqual([error.name, error.message], [Class.name, message]);
      return true;
    });

  test('shapes that do not fit', async () => {
    const row = { data: Float64Array.of(1, 2, 3), rows: 1, columns: 3 };
    const message =
      'one is 1x3 and two is 2x2: the columns of one (3) must be as many as the rows of two (2)';
    await rejects(row, square, ShapeError, message);
    await assert.rejects(multiply(row, square), MatrixError);
  });

  test('numbers that do not fill the shape', async () => {
    const message = 'two is 2x3, so it needs 6 numbers, not 4';
    await rejects(square, { ...square, columns: 3 }, ShapeError, message);
    await rejects(
      { ...square, rows: -2 },
      square,
      ShapeError,
      'the rows of one must be a whole number, not -2',
    );
    const half = 'the columns of two must be a whole number, not 0.5';
    await rejects(square, { ...square, columns: 0.5 }, ShapeError, half);
  });

  test('other numbers than float64', () =>
    rejects(square, { ...square, data: [1, 2] }, TypeError, 'the data of two must be a Float64Array'));

  test('a product that no memory can hold', async () => {
    const count = 40_000;
    const column = { data: new Float64Array(count), rows: count, columns: 1 };
    const row = { data: column.data, rows: 1, columns: count };
    const message = 'the product would be 40000x40000, more than the memory has room for';
    await rejects(column, row, TooLargeError, message);
    const long = 40_000_000;
    const empty = { data: new Float64Array(0), rows: long, columns: 0 };
    await rejects(
      empty,
      { data: new Float64Array(0), rows: 0, columns: long },
      TooLargeError,
      'the product would be 40000000x40000000, more than the memory has room for',
    );
  });

  test('to go on after an abort', async () => {
    const reason = new Error('enough');
    await assert.rejects(multiply(square, square, { signal: AbortSignal.abort(reason) }), reason);
  });
});
