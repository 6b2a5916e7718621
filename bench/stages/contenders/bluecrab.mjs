/** Ours: besides its stages it has the whole as one call, which is what a function does. */
export function bluecrab(module) {
  return {
    name: 'Bluecrab',
    stages: {
      'copy in': (state) => module.copyIn(state.body),
      parse: () => module.parse(),
      multiply: () => module.multiply(),
      print: (state) => {
        state.length = module.print();
      },
      'copy out': (state) => {
        state.answer = module.copyOut(state.length);
      },
    },
    whole: (state) => {
      state.answer = module.answer(state.body);
    },
  };
}
