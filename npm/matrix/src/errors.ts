// Why two matrices have no product, each reason as a class of its own.

import { CallError } from 'bluecrab/callable';

/** Two matrices have no product. The message says why. */
export class MatrixError extends Error {
  override readonly name: string = 'MatrixError';
}

/** The shapes do not fit each other, or a matrix has more or fewer numbers than its shape says. */
export class ShapeError extends MatrixError {
  override readonly name = 'ShapeError';
}

/** The bytes are not two matrices. The message names the byte, and if possible the row and the column. */
export class FormatError extends MatrixError {
  override readonly name = 'FormatError';
}

/** The product contains an infinite number or NaN, which JSON cannot express. */
export class NotFiniteError extends MatrixError {
  override readonly name = 'NotFiniteError';
}

/** The matrices or their product do not fit into the memory of a WebAssembly module. */
export class TooLargeError extends MatrixError {
  override readonly name = 'TooLargeError';
}

/** The statuses with which the module reports the errors (`module/src/lib.rs`). */
const CLASSES: Record<number, typeof MatrixError> = {
  400: FormatError,
  409: NotFiniteError,
  413: TooLargeError,
  422: ShapeError,
};

/** Returns the error for the caller. An error that has nothing to do with the matrices stays as it is. */
export function errorOf(error: unknown): unknown {
  if (!(error instanceof CallError)) return error;
  if (error.kind === 'memory')
    return new TooLargeError('the matrices do not fit into the memory of the module', { cause: error });
  const Class = error.status === undefined ? undefined : CLASSES[error.status];
  return Class ? new Class(error.message, { cause: error }) : error;
}
