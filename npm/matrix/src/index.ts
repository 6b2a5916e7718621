/**
 * Multiplies matrices in Rust and WebAssembly, on worker threads.
 *
 * @packageDocumentation
 */

import { join } from 'node:path';
import { isFloat64Array } from 'node:util/types';
import { type Callable, type CallResult, callable } from 'bluecrab/callable';
import { errorOf, ShapeError, TooLargeError } from './errors';

export { FormatError, MatrixError, NotFiniteError, ShapeError, TooLargeError } from './errors';

/** A matrix of float64 numbers. */
export interface Matrix {
  /** The numbers, row by row. They must not change before the product is there. */
  readonly data: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

export interface MultiplyOptions {
  /** Ends the multiplication. The promise is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What the module accepts in one call. Its product and its answer need room, too. */
const MAX_BYTES = 2 ** 30;
/** The numbers before those of the matrices: rows, inner length and columns. */
const SHAPE = 3;

const functions = new Map<string, Callable>();

/**
 * Multiplies two matrices. The product has the same bits as the one from Math.js, because every number of it is added
 * up in the same order and rounded after each step. It may have infinite numbers and NaN. A matrix without rows or
 * columns is allowed.
 *
 * @throws ShapeError if the columns of `one` are not as many as the rows of `two`, or if a matrix has more or fewer
 *   numbers than its shape says
 * @throws TooLargeError if the matrices have more than 1 GiB, or if there is no memory for the product
 */
export async function multiply(one: Matrix, two: Matrix, options: MultiplyOptions = {}): Promise<Matrix> {
  check(one, 'one');
  check(two, 'two');
  if (one.columns !== two.rows) {
    const shapes = `one is ${shapeOf(one)} and two is ${shapeOf(two)}`;
    throw new ShapeError(
      `${shapes}: the columns of one (${one.columns}) must be as many as the rows of two (${two.rows})`,
    );
  }
  const length = SHAPE + one.data.length + two.data.length;
  limit(length * Float64Array.BYTES_PER_ELEMENT);
  const body = new Float64Array(length);
  body.set([one.rows, one.columns, two.columns]);
  body.set(one.data, SHAPE);
  body.set(two.data, SHAPE + one.data.length);
  const product = await call('multiply', body, options);
  return { data: numbersOf(product), rows: one.rows, columns: two.columns };
}

/**
 * Multiplies two matrices in JSON: `[A, B]` or `{"matrixOne": A, "matrixTwo": B}`, each a list of rows.
 *
 * @returns the bytes of `{"result": M}`. They are those of `JSON.stringify({ result: math.multiply(A, B) })`.
 * @throws FormatError if the text is something else, for example because it contains `NaN`
 * @throws ShapeError if the shapes do not fit each other
 * @throws NotFiniteError if the product has an infinite number or NaN: `JSON.stringify` would write `null`
 * @throws TooLargeError if the text has more than 1 GiB, or if there is no memory for the product
 */
export async function multiplyJson(
  text: string | Uint8Array,
  options: MultiplyOptions = {},
): Promise<Uint8Array> {
  limit(typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength);
  return call('multiply-json', text, options);
}

/**
 * Multiplies two matrices in NumPy's format.
 *
 * @param arrays - two `.npy` files of float64 or float32 numbers, or an `.npz` file with the arrays `arr_0` and `arr_1`
 * @returns the product as a `.npy` file of float64 numbers
 * @throws FormatError if the bytes are something else
 * @throws ShapeError if the shapes do not fit each other
 * @throws TooLargeError if the arrays have more than 1 GiB, or if there is no memory for the product
 */
export async function multiplyNpy(
  arrays: Uint8Array | readonly [Uint8Array, Uint8Array],
  options: MultiplyOptions = {},
): Promise<Uint8Array> {
  const parts: readonly Uint8Array[] = arrays instanceof Uint8Array ? [arrays] : arrays;
  limit(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  return call('multiply-npy', Buffer.concat(parts), options);
}

async function call(
  name: string,
  body: string | Uint8Array | Float64Array,
  { signal }: MultiplyOptions,
): Promise<CallResult> {
  const run = functions.get(name) ?? callable(join(__dirname, 'matrix.wasm'), name);
  functions.set(name, run);
  try {
    return await run(body, { signal });
  } catch (error) {
    throw errorOf(error);
  }
}

function check(matrix: Matrix, name: string): void {
  const { data, rows, columns } = matrix;
  if (!isFloat64Array(data)) throw new TypeError(`the data of ${name} must be a Float64Array`);
  for (const [member, value] of Object.entries({ rows, columns })) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new ShapeError(`the ${member} of ${name} must be a whole number, not ${value}`);
  }
  if (data.length !== rows * columns) {
    const count = rows * columns;
    throw new ShapeError(`${name} is ${shapeOf(matrix)}, so it needs ${count} numbers, not ${data.length}`);
  }
}

function shapeOf({ rows, columns }: Matrix): string {
  return `${rows}x${columns}`;
}

function limit(bytes: number): void {
  if (bytes > MAX_BYTES)
    throw new TooLargeError(`the two matrices have ${bytes} bytes, more than ${MAX_BYTES}, the limit`);
}

/** Returns bytes as numbers, without a copy if they lie as numbers must. */
function numbersOf(bytes: CallResult): Float64Array {
  const isAligned = bytes.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset, byteLength } = isAligned ? bytes : bytes.slice();
  return new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
}
