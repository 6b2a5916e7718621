// Every failure: the client receives status 500 without details, the log says what happened and where, and the next
// call is answered.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertProblem, startHost } from './host.mjs';

let host;
before(async () => {
  host = await startHost();
});
after(() => host?.stop());

for (const [what, path, init, entries] of [
  [
    'a panic',
    'fail-panic/k3y',
    {},
    [/panicked at \S+fail\.rs:\d+:\d+:\nthe secret is k3y/, /printed before the panic/],
  ],
  [
    'an index out of bounds',
    'fail-index',
    { method: 'POST', body: 'abc' },
    [/panicked at \S+fail\.rs:\d+:\d+:\nindex out of bounds: the len is 3 but the index is 99/],
  ],
  ['a stack overflow', 'fail-stack', {}, [/failed in WebAssembly: .*(out of bounds|call stack)/]],
  ['an unreachable instruction', 'fail-unreachable', {}, [/failed in WebAssembly: unreachable/]],
  ['an exit', 'fail-exit', {}, [/exit code 3/]],
  ['an exhausted memory', 'fail-memory', {}, [/memory allocation of 2147483647 bytes failed/]],
]) {
  test(`${what} answers 500 and ends the instance`, async () => {
    const response = await host.send(path, init);
    assertProblem(response, 500, /^the function failed; its log says why$/);
    assert.doesNotMatch(response.text, /k3y|fail\.rs|panic/);
    for (const entry of entries) await host.logged(response, 'error', entry);

    for (let call = 0; call < 8; call++) {
      const next = await host.send('fail-before');
      assert.deepEqual([next.status, next.text], [200, 'false'], 'an instance that failed must not answer');
    }
  });
}
