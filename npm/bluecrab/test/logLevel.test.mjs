// The level of a function's log, from host.json and the app settings.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { source } from './source.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bluecrab-level-'));
process.chdir(folder);
after(() => rmSync(folder, { recursive: true, force: true }));
const { minimumLevel } = await source('logLevel');
const WORDS = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];

let functions = 0;
/** Returns the level of a new function `Rows…`. `NAME` in the rules stands for its name. */
function level(logging, settings = {}) {
  const name = `Rows-${functions++}`;
  writeFileSync('host.json', JSON.stringify({ logging }).replaceAll('NAME', name));
  Object.assign(process.env, settings);
  try {
    return WORDS[minimumLevel(name)];
  } finally {
    for (const setting of Object.keys(settings)) delete process.env[setting];
  }
}

for (const [logLevel, expected] of [
  [{}, 'information'],
  [{ default: 'Debug' }, 'debug'],
  [{ default: 'Error', Function: 'Trace' }, 'trace'],
  [{ Function: 'Trace', default: 'Error' }, 'trace'],
  [{ Function: 'Trace', 'Function.NAME': 'Warning' }, 'warning'],
  [{ 'Function.NAME': 'Warning', 'Function.NAME.User': 'None' }, 'none'],
  [{ 'function.NAME.user': 'critical', FUNCTION: 'error' }, 'critical'],
  [{ 'Function.other': 'None', 'Host.Results': 'None' }, 'information'],
  [{ 'Function.*.User': 'Error', Function: 'Debug' }, 'error'],
  [{ 'Function.NAME*NAME.User': 'Error' }, 'information'],
  [{ default: 3, 'Function.NAME': '1' }, 'debug'],
  [{ default: 'loud', Function: 7, 'Function.NAME': '' }, 'information'],
]) {
  test(`${JSON.stringify(logLevel)} is ${expected}`, () => assert.equal(level({ logLevel }), expected));
}

test('an entry that at least one logger accepts is kept', () => {
  const of = (name) => ({ logLevel: { default: name } });
  assert.equal(level({ ...of('Error'), applicationInsights: of('Debug') }), 'debug');
  assert.equal(level({ ...of('Debug'), applicationInsights: of('Error') }), 'debug');
  assert.equal(level({ console: of('Warning') }), 'information');
});

test('app settings override host.json', () => {
  const logging = { logLevel: { default: 'Error' } };
  assert.equal(level(logging, { AzureFunctionsJobHost__logging__logLevel__default: 'Debug' }), 'debug');
  assert.equal(level(logging, { AzureFunctionsJobHost__logging__logLevel__Function: 'Trace' }), 'trace');
  assert.equal(level(logging, { BLUECRAB_LOG_LEVEL: 'warning' }), 'warning');
});
