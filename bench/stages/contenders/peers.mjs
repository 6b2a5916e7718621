// The peers in JavaScript.

import { Matrix } from 'ml-matrix';
import * as np from 'numpy-ts';
import { answer, text } from './bytes.mjs';

/** numpy-ts, which has a WebAssembly kernel of its own. */
export const numpyTs = {
  name: 'numpy-ts',
  stages: {
    parse: (state) => {
      state.operands = JSON.parse(text(state.body)).map((rows) => np.array(rows));
    },
    multiply: (state) => {
      state.product = np.matmul(...state.operands);
    },
    print: (state) => {
      state.answer = answer(state.product.tolist());
    },
  },
};

/** ml-matrix. */
export const mlMatrix = {
  name: 'ml-matrix',
  stages: {
    parse: (state) => {
      state.operands = JSON.parse(text(state.body)).map((rows) => new Matrix(rows));
    },
    multiply: (state) => {
      state.product = state.operands[0].mmul(state.operands[1]);
    },
    print: (state) => {
      state.answer = answer(state.product.to2DArray());
    },
  },
};

/** Three loops over packed numbers, as one writes them first. */
export const float64Array = {
  name: 'Float64Array loop',
  stages: {
    parse: (state) => {
      state.operands = JSON.parse(text(state.body)).map((rows) => Float64Array.from(rows.flat()));
    },
    multiply: (state) => {
      state.product = tripleLoop(...state.operands, state.size);
    },
    print: (state) => {
      const rows = Array.from({ length: state.size }, (_, row) =>
        Array.from(state.product.subarray(row * state.size, (row + 1) * state.size)),
      );
      state.answer = answer(rows);
    },
  },
};

function tripleLoop(one, two, size) {
  const product = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let sum = one[row * size] * two[column];
      for (let k = 1; k < size; k++) sum += one[row * size + k] * two[k * size + column];
      product[row * size + column] = sum;
    }
  }
  return product;
}
