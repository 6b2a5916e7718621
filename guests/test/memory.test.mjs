// Calls each way 10,000 times: the memory of the process stays level.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { folder } from './host.mjs';

const script = fileURLToPath(new URL('memory.mjs', import.meta.url));
const isOld = Number.parseInt(process.versions.node, 10) < 22;

/** The heaps of both threads grow for some thousand calls. A leak of an instance at each call would take gigabytes. */
const isLevel = (early, late) => late < 2 * early + 100;

/** How often each way is called. A new instance of Python or JavaScript takes so long that there are fewer calls. */
const ways = {
  program: 10_000,
  fresh: 10_000,
  'component-kept': 10_000,
  'component-call': 10_000,
  'javascript-call': 100,
  'python-kept': 10_000,
};

/** The components that may be missing, if their tools cannot be installed. */
const needs = { 'javascript-call': 'javascript-component', 'python-kept': 'python-component' };
const components = join(folder, 'components');

describe('memory', () => {
  for (const [way, calls] of Object.entries(ways)) {
    const isBuilt = existsSync(join(components, `${needs[way] ?? 'component'}.wasm`));
    const isTooOld = way.startsWith('python') && isOld;
    const skip = isTooOld ? 'it needs Node.js 22' : !isBuilt && 'it is not built';
    it(`is level over ${calls} calls: ${way}`, { skip }, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [script, way, String(calls)]);
      const resident = JSON.parse(stdout);
      const [early, late] = [resident[calls / 5], resident[calls]];
      assert.ok(isLevel(early, late), `MB after so many calls: ${stdout}`);
    });
  }
});
