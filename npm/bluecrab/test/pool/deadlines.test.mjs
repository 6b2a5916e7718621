// A call's deadline comes from the manifest, an app setting and host.json, which app settings override.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import { handler } from 'bluecrab';
import { registerComponent } from 'bluecrab/component';
import { call, declare, ECHO, folder, func, write } from '../guest.mjs';
import { source } from '../source.mjs';

const { timeoutMs } = await source('settings');

const LONGEST_MS = 2 ** 31 - 1;
const LOOP = func('loop', '(loop $forever (br $forever)) unreachable');
const register = (timeoutMs) => handler(write(ECHO, [declare('echo', { timeoutMs })]), 'echo');

describe('a manifest', () => {
  for (const timeoutMs of [0, -1, 1.5, LONGEST_MS + 1, 2_400_000_000, 2 ** 53, '30s']) {
    test(`with a timeoutMs of ${timeoutMs} is refused, and the error says what is allowed`, () => {
      assert.throws(
        () => register(timeoutMs),
        /line 1: the member timeoutMs must be a whole number from 1 to 2147483647/,
      );
    });
  }

  test('with the longest timeoutMs is accepted, and the call is not ended at once', async () => {
    const file = write(ECHO, [declare('echo', { timeoutMs: LONGEST_MS })]);
    assert.equal((await call(file, 'echo', 'x')).status, 200);
  });

  test('is checked like the options of a component', () => {
    for (const timeoutMs of [0, LONGEST_MS + 1, Number.NaN]) {
      assert.throws(
        () => registerComponent('component.mjs', { name: 'c', timeoutMs }),
        /function c: timeoutMs must be a whole number from 1 to 2147483647/,
      );
    }
  });
});

describe('an app setting', () => {
  after(() => delete process.env.BLUECRAB_TIMEOUT_ECHO);
  for (const [value, reason] of [
    ['0s', 'expected a duration such as 500ms, 30s or 2m'],
    ['40000m', 'the longest duration is 35791m'],
    ['2147483648ms', 'the longest duration is 35791m'],
    ['99999999999999999999s', 'the longest duration is 35791m'],
  ]) {
    test(`of ${value} is refused`, () => {
      process.env.BLUECRAB_TIMEOUT_ECHO = value;
      assert.throws(() => register(1000), {
        message: `the app setting BLUECRAB_TIMEOUT_ECHO is "${value}": ${reason}`,
      });
    });
  }
});

describe('functionTimeout', () => {
  const OVERRIDE = 'AzureFunctionsJobHost__functionTimeout';
  const DECLARED_MS = 1_000_000_000;
  const started = process.cwd();
  before(() => process.chdir(folder));
  after(() => process.chdir(started));
  beforeEach(() => rmSync('host.json', { force: true }));

  test('ends a call', async () => {
    writeFileSync('host.json', '\ufeff{ "functionTimeout": "00:00:01" /* short */ }');
    const { status, log } = await call(write(LOOP, [declare('loop')]), 'loop');
    assert.equal(status, 504);
    assert.match(log[0][1], /it has run for 1000 ms/);
  });

  for (const [what, text, expected] of [
    ['plain', '{"functionTimeout":"00:00:02"}', 2000],
    ['with comments', '// a\n{/* b */"functionTimeout":"00:00:03" // c\n}', 3000],
    ['with a comma at the end', '{"functionTimeout":"00:00:04",}', 4000],
    ['with a byte order mark', '\ufeff{"functionTimeout":"00:00:05"}', 5000],
    ['in UTF-16', Buffer.from('\ufeff{"functionTimeout":"00:00:06"}', 'utf16le'), 6000],
    ['in single quotes', "{'functionTimeout':'00:00:07'}", 7000],
    ['in capitals', '{"FunctionTimeout":"00:00:08"}', 8000],
    ['of hours and minutes', '{"functionTimeout":"00:02"}', 120_000],
    ['with a fraction', '{"functionTimeout":"00:00:01.5"}', 1500],
    ['of days and hours', '{"functionTimeout":"1.01:00:00"}', 90_000_000],
    ['of days', '{"functionTimeout":"1"}', 86_400_000],
    ['without end', '{"functionTimeout":"-1"}', 1_000_000_000],
    ['that is none', '{"functionTimeout":"soon"}', 1_000_000_000],
  ]) {
    test(`of host.json, ${what}`, () => {
      writeFileSync('host.json', text);
      assert.equal(timeoutMs('f', DECLARED_MS), expected);
    });
  }

  test('of host.json is read as the host reads it', () => {
    const cases = new URL('../../../../crates/bluecrab-host/tests/time_spans.json', import.meta.url);
    for (const [span, milliseconds] of JSON.parse(readFileSync(cases, 'utf8'))) {
      writeFileSync('host.json', JSON.stringify({ functionTimeout: span }));
      const limit = milliseconds > 0 ? milliseconds : Number.POSITIVE_INFINITY;
      assert.equal(timeoutMs('f', Number.POSITIVE_INFINITY), limit, span);
    }
  });

  for (const name of [OVERRIDE, OVERRIDE.toUpperCase(), OVERRIDE.replace('__', ':')]) {
    test(`of the app setting ${name} comes before host.json`, () => {
      writeFileSync('host.json', '{"functionTimeout":"00:10:00"}');
      process.env[name] = '00:00:09';
      try {
        assert.equal(timeoutMs('f', DECLARED_MS), 9000);
      } finally {
        delete process.env[name];
      }
    });
  }
});
