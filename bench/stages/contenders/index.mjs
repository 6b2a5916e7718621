// The ways from the bytes of a body to the bytes of an answer, each as a list of named stages.
//
// A stage takes the contender's state, reads what the stages before it left there, and leaves its own result: it can be
// run again by itself.

import { bluecrab } from './bluecrab.mjs';
import { mathjs } from './mathjs.mjs';
import { float64Array, mlMatrix, numpyTs } from './peers.mjs';
import { wayOf2019 } from './wayOf2019.mjs';

/** All of them, ours first. */
export const contenders = (module, glue) => [
  bluecrab(module),
  mathjs,
  numpyTs,
  mlMatrix,
  float64Array,
  wayOf2019(glue),
];
