// Runs all faults. A good request follows each fault and must be answered right.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import './traps.mjs';
import './fresh.mjs';
import './lies.mjs';
import './bodies.mjs';
import './deadlines.mjs';
import './memory.mjs';
import './queue.mjs';
import './hooks.mjs';
import './threads.mjs';
import './processes.mjs';
import './shortCalls.mjs';
import { tally } from './tally.mjs';

test('every good request was answered right', () => {
  const { faults, good, wrong, figures } = tally;
  for (const line of figures) console.log(line);
  console.log(`faults: ${faults}, good requests: ${good}, wrong answers: ${wrong}`);
  assert.ok(faults > 10_000 && good > 500, 'some tests of the suite did not run');
  assert.equal(wrong, 0);
});
