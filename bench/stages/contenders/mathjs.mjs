import { multiply } from 'mathjs';
import { answer, text } from './bytes.mjs';

/** Math.js, as `multiply-mathjs` calls it. */
export const mathjs = {
  name: 'Math.js',
  stages: {
    parse: (state) => {
      state.operands = JSON.parse(text(state.body));
    },
    multiply: (state) => {
      state.product = multiply(...state.operands);
    },
    print: (state) => {
      state.answer = answer(state.product);
    },
  },
};
