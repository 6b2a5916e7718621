import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { handler } from 'bluecrab';
import { addSection, call, declare, ECHO, func, write } from '../guest.mjs';

describe('the manifest in the module', () => {
  const SECTION = 'bluecrab.functions.v1';

  test('consists of all sections in order, and the file next to the module is ignored', async () => {
    const file = write(`${ECHO} ${func('trap', 'unreachable')}`, ['{oops']);
    const [first, second] = ['echo', 'trap'].map((name) => JSON.stringify(declare(name)));
    addSection(file, SECTION, `${first}\n${second.slice(0, 9)}`);
    addSection(file, SECTION, `${second.slice(9)}\n`);
    assert.equal((await call(file, 'echo', 'x')).body, 'x');
    assert.equal((await call(file, 'trap')).status, 500);
  });

  test('is refused with the file and the line if it is wrong', () => {
    const file = addSection(write(ECHO), SECTION, `${JSON.stringify(declare('echo'))}\n{}\n`);
    assert.throws(
      () => handler(file, 'echo'),
      ({ message }) => message.startsWith(`${file}, section ${SECTION}, line 2: `),
    );
  });

  test('is refused if it only has a newer version, and the error names the version', () => {
    const file = addSection(write(ECHO), 'bluecrab.functions.v2', JSON.stringify(declare('echo')));
    assert.throws(() => handler(file, 'echo'), /in version 2, this library reads 1/);
  });

  test('is read if it has a known and a newer version', async () => {
    const file = addSection(write(ECHO), 'bluecrab.functions.v2', '{}');
    addSection(file, SECTION, JSON.stringify(declare('echo')));
    assert.equal((await call(file, 'echo', 'x')).body, 'x');
  });
});

describe('loading fails with the reason', () => {
  const refused = (file, reason) => assert.throws(() => handler(file, 'f'), reason);
  test('a file that is not a module', () =>
    refused('does-not-exist.wasm', /cannot read the module .*does-not-exist\.wasm/));
  test('an unknown import', () => {
    refused(
      write('', [declare('f')], { header: '(import "env" "read_file" (func))' }),
      /imports env\.read_file/,
    );
  });
  test('a missing export', () => refused(write(ECHO, [declare('f')]), /does not export the function "f"/));
  test('no manifest', () => refused(write(ECHO), /declares no functions/));
  test('an unknown function', () =>
    refused(write(ECHO, [declare('echo')]), /has no function "f"; it has echo/));
  for (const [what, line, reason] of [
    ['no JSON', '{oops', /functions\.json, line 2: not JSON/],
    ['no name', { ...declare('f'), name: 7 }, /line 2: the member name must be a string/],
    ['a bad name', declare('7 up'), /line 2: "7 up" is not a function name/],
    [
      'an unknown trigger',
      { ...declare('f'), trigger: { type: 'telegramTrigger' } },
      /line 2: the trigger "telegramTrigger"/,
    ],
    [
      'a bad method',
      { ...declare('f'), trigger: { type: 'httpTrigger', methods: ['FETCH'] } },
      /"FETCH" is not an HTTP method/,
    ],
    [
      'an unknown way to run',
      declare('f', { run: 'inline' }),
      /line 2: the member run is "inline", but must be "auto" or "pool"/,
    ],
    ['a bad limit', declare('f', { maxBodyBytes: -1 }), /line 2: the member maxBodyBytes/],
    ['the same name twice', declare('echo'), /"echo" is declared twice/],
  ]) {
    test(`a manifest with ${what}`, () => refused(write(ECHO, [declare('echo'), line]), reason));
  }
});
