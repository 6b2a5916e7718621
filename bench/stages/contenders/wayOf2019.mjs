import { createRequire } from 'node:module';
import { text } from './bytes.mjs';

/** As in 2019: its body is in ndarray's form, and so is its answer. */
export function wayOf2019(glue) {
  const module = createRequire(import.meta.url)(glue);
  return {
    name: 'the 2019 way',
    stages: {
      parse: (state) => {
        state.operands = JSON.parse(text(state.ndarrayBody));
      },
      'stringify again': (state) => {
        state.text = JSON.stringify(state.operands);
      },
      'wasm-bindgen, serde_json, ndarray': (state) => {
        state.product = module.multiply(state.text);
      },
      encode: (state) => {
        state.answer = Buffer.from(state.product);
      },
    },
  };
}
