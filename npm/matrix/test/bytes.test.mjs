// Products of JSON and of NumPy's files.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FormatError, multiplyJson, multiplyNpy, NotFiniteError, ShapeError } from '@bluecrab/matrix';
import { multiply as multiplyByMathjs } from 'mathjs';
import { pairBody } from '../../../apps/matrix/test/pairs.mjs';

/** How many generated bodies are compared. The differential test of apps/matrix compares many more. */
const PAIRS = 500;

const rejects = (promise, Class, message) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof Class, String(error));
    assert.deepEqual([error.name, error.message], [Class.name, message]);
    return true;
  });

/** An array as NumPy saves it, of float64 in the order of rows. */
function npy(rows, columns, numbers) {
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const header = `${text.padEnd(117)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([start, Buffer.from(header), Buffer.from(Float64Array.from(numbers).buffer)]);
}

/** Math.js with the plain forms of operands; nothing if it refuses them or its product is not finite. */
function expectedOf(body) {
  try {
    const parsed = JSON.parse(body);
    const [one, two] = Array.isArray(parsed) ? parsed : [parsed.matrixOne, parsed.matrixTwo];
    const isPlain = [one, two].every(
      (operand) => typeof operand === 'number' || (Array.isArray(operand) && operand.flat().length > 0),
    );
    const text = isPlain && JSON.stringify({ result: multiplyByMathjs(one, two) });
    return text && !text.includes('null') ? text : undefined;
  } catch {
    return undefined;
  }
}

describe('multiplyJson', () => {
  test('has the bytes of Math.js', async () => {
    let compared = 0;
    for (let index = 0; index < PAIRS; index++) {
      const body = pairBody(1, index);
      const expected = expectedOf(body.toString());
      if (expected === undefined) continue;
      compared++;
      assert.equal(Buffer.from(await multiplyJson(body)).toString(), expected, `pair ${index}`);
    }
    assert.ok(compared > PAIRS / 4, `${compared} of ${PAIRS}`);
  });

  test('takes text', async () => {
    const answer = await multiplyJson('{"matrixTwo":[[5],[6]],"matrixOne":[[1,2],[3,4]]}');
    assert.ok(answer instanceof Uint8Array);
    assert.equal(Buffer.from(answer).toString(), '{"result":[[17],[39]]}');
  });

  test('refuses text that is not two matrices', async () => {
    const message = 'matrixOne, row 1, column 2: expected a number, found `N` (at byte 5)';
    await rejects(multiplyJson('[[[1,NaN]],[[1],[1]]]'), FormatError, message);
    await assert.rejects(multiplyJson(''), FormatError);
    await assert.rejects(multiplyJson('[[[]],[[1]]]'), FormatError);
  });

  test('refuses shapes that do not fit', () => {
    const message =
      'matrixOne is 1x2 and matrixTwo is 1x1: the columns of matrixOne (2) must be as many as the rows of matrixTwo (1)';
    return rejects(multiplyJson('[[[1,2]],[[1]]]'), ShapeError, message);
  });

  test('refuses a product that JSON cannot express', () => {
    const message =
      'row 2, column 1 of the product is infinite, which JSON cannot express: multiply as .npy or as numbers';
    return rejects(multiplyJson('[[[1],[1e300]],[[1e300]]]'), NotFiniteError, message);
  });
});

describe('multiplyNpy', () => {
  const one = npy(2, 2, [1, 2, 3, 4]);
  const two = npy(2, 1, [5, 6]);
  const product = npy(2, 1, [17, 39]);

  test('takes two files, or one after the other', async () => {
    assert.deepEqual(Buffer.from(await multiplyNpy([one, two])), product);
    assert.deepEqual(Buffer.from(await multiplyNpy(Buffer.concat([one, two]))), product);
  });

  test('keeps infinite numbers', async () => {
    const huge = npy(1, 1, [1e300]);
    const answer = Buffer.from(await multiplyNpy([huge, huge]));
    assert.equal(answer.readDoubleLE(answer.length - 8), Number.POSITIVE_INFINITY);
  });

  test('refuses other files, and shapes that do not fit', async () => {
    await assert.rejects(multiplyNpy([one, Buffer.from('two')]), FormatError);
    await assert.rejects(multiplyNpy(one), FormatError);
    await assert.rejects(multiplyNpy([two, two]), ShapeError);
  });
});
