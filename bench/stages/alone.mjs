// A process that runs Math.js and nothing else. It takes `{ pair }` and `{ run: true }` as messages.

import { mathjs } from './contenders/mathjs.mjs';
import { sample, stateFor, warmUp } from './measure.mjs';

let state;
let expected;

process.on('message', (message) => {
  if (message.pair) {
    state = stateFor(message.pair);
    expected = warmUp(mathjs, state);
    process.send({ expected });
  } else {
    process.send(sample(mathjs, state, expected));
  }
});
