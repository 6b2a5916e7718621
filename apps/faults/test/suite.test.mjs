// Every fault that there is, each followed by a good request that must be answered right.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import './traps.mjs';
import './lies.mjs';
import './bodies.mjs';
import './deadlines.mjs';
import './memory.mjs';
import './queue.mjs';
import './hooks.mjs';
import './threads.mjs';
import './processes.mjs';
import { tally } from './tally.mjs';

test('no good request was answered wrong', () => {
  const { faults, good, wrong, figures } = tally;
  for (const line of figures) console.log(line);
  console.log(`faults: ${faults}, good requests: ${good}, wrong answers: ${wrong}`);
  assert.ok(faults > 10_000 && good > 500, 'the suite did not run as a whole');
  assert.equal(wrong, 0);
});
