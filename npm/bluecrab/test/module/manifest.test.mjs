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

const BLOB = { name: 'picture', type: 'blob', path: 'pictures/{name}' };
const QUEUE = { type: 'queueTrigger', queueName: 'jobs' };

describe('loading fails with the reason', () => {
  const refused = (file, reason) => assert.throws(() => handler(file, 'f'), reason);
  test('a file that is not a module', () =>
    refused(
      'does-not-exist.wasm',
      /cannot read the module .*does-not-exist\.wasm: ENOENT.*; `bluecrab build` builds it$/,
    ));
  test('an unknown import', () => {
    refused(
      write('', [declare('f')], { header: '(import "env" "read_file" (func))' }),
      /imports env\.read_file/,
    );
  });
  test('a missing export', () => refused(write(ECHO, [declare('f')]), /does not export the function "f"/));
  for (const name of ['_initialize', 'bluecrab_log_level', 'bluecrab start']) {
    test(`an export that is not a function: ${name}`, () => {
      const text = `${ECHO} (global (export "${name}") i32 (i32.const 0))`;
      refused(write(text, [declare('echo')]), new RegExp(`exports "${name}", but not as a function`));
    });
  }
  test('no manifest', () => refused(write(ECHO), /declares no functions/));
  test('an unknown function', () =>
    refused(write(ECHO, [declare('echo')]), /has no function "f"; it has echo/));
  for (const [what, line, reason] of [
    ['no JSON', '{oops', /functions\.json, line 2: not JSON/],
    ['no name', { ...declare('f'), name: 7 }, /line 2: the member name must be a string/],
    ['a bad name', declare('7 up'), /line 2: "7 up" is not a function name/],
    [
      'an unknown trigger',
      { ...declare('f'), trigger: { type: 'telegram' } },
      /line 2: the trigger type "telegram" is unknown: it must end in "Trigger", or be "callable"/,
    ],
    [
      'a bad authorization level',
      { ...declare('f'), trigger: { type: 'httpTrigger', authLevel: 'none' } },
      /the member authLevel is "none", but must be "anonymous", "function" or "admin"/,
    ],
    ['inputs that are not a list', declare('f', { inputs: {} }), /line 2: the member inputs must be a list/],
    [
      'an input without a type',
      declare('f', { inputs: [BLOB, { name: 'b' }] }),
      /line 2, member inputs\[1\]: the member type must be a string/,
    ],
    [
      'an output that is text',
      declare('f', { outputs: ['x'] }),
      /line 2, member outputs\[0\]: must be a JSON object/,
    ],
    [
      'a binding name with an underscore',
      declare('f', { outputs: [{ ...BLOB, name: 'small_picture' }] }),
      /line 2, member outputs\[0\]: "small_picture" is not a binding name/,
    ],
    [
      'two bindings of one name',
      declare('f', { inputs: [BLOB], outputs: [BLOB] }),
      /line 2, member outputs\[0\]: the function has another binding named "picture"/,
    ],
    [
      'a return value as output of an HTTP function',
      declare('f', { outputs: [{ ...BLOB, name: '$return' }] }),
      /"\$return" is not a binding name/,
    ],
    [
      'a return value as input',
      declare('f', { trigger: QUEUE, inputs: [{ ...BLOB, name: '$return' }] }),
      /"\$return" is not a binding name/,
    ],
    [
      'an unknown retry strategy',
      declare('f', { trigger: QUEUE, retry: { strategy: 'never', maxRetryCount: 1 } }),
      /line 2, member retry: the member strategy is "never", but must be "fixedDelay" or "exponentialBackoff"/,
    ],
    [
      'a retry without a delay',
      declare('f', { trigger: QUEUE, retry: { strategy: 'fixedDelay', maxRetryCount: 1 } }),
      /line 2, member retry: the member delayMs must be a whole number from 0/,
    ],
    [
      'a negative retry count',
      declare('f', { trigger: QUEUE, retry: { strategy: 'fixedDelay', maxRetryCount: -2, delayMs: 1 } }),
      /the member maxRetryCount must be a whole number from -1/,
    ],
    [
      'a retry of an HTTP function',
      declare('f', { retry: { strategy: 'fixedDelay', maxRetryCount: 1, delayMs: 1 } }),
      /line 2, member retry: the platform does not retry HTTP functions/,
    ],
    [
      'an unknown requirement',
      // The library does not read the other members, which may have changed.
      { name: 'f', requires: ['trigger', 'lease'], trigger: 'new' },
      /functions\.json, line 2: the function "f" requires "lease", which this library does not know: update bluecrab/,
    ],
    [
      'a bad method',
      { ...declare('f'), trigger: { type: 'httpTrigger', methods: ['FETCH'] } },
      /"FETCH" is not an HTTP method/,
    ],
    [
      'an unknown way to run',
      declare('f', { run: 'inline' }),
      /line 2: the member run is "inline", but must be "auto", "pool" or "fresh"/,
    ],
    ['a bad limit', declare('f', { maxBodyBytes: -1 }), /line 2: the member maxBodyBytes/],
    ['the same name twice', declare('echo'), /"echo" is declared twice/],
  ]) {
    test(`a manifest with ${what}`, () => refused(write(ECHO, [declare('echo'), line]), reason));
  }
});
