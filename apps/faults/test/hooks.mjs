// Log hooks of the app receive the entries that a module logs on a thread, in the async context of the invocation.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startHost } from './host.mjs';
import { tally } from './tally.mjs';

describe('a log hook that reads an AsyncLocalStorage', () => {
  let host;
  before(async () => {
    host = await startHost({ env: { FAULTS_LOG_HOOK: 'reads' } });
  });
  after(() => host?.stop());

  for (const [name, body, status, level, entry] of [
    ['holds', '0 it', 200, 'information', 'holds for it'],
    ['panics', 'on purpose', 500, 'error', 'on purpose'],
    ['loops', '', 504, 'information', 'it loops'],
    ['loops', '', 504, 'error', 'was ended: it has run for 1000 ms, its deadline'],
  ]) {
    test(`finds the context of the invocation: ${entry}`, async () => {
      if (status !== 200) tally.faults++;
      const answer = await host.send(name, body);
      assert.equal(answer.status, status);
      const context = `within ${answer.headers['x-ms-invocation-id']}`;
      await host.logged(answer, level, new RegExp(`${entry}.*${context}`, 's'));
    });
  }
});

describe('a log hook that throws', () => {
  let host;
  before(async () => {
    host = await startHost({ env: { FAULTS_LOG_HOOK: 'throws' } });
  });
  after(() => host?.stop());

  test('costs no call its answer, and does not end the worker', async () => {
    const worker = await host.workerProcess();
    assert.equal((await host.send('holds', '0 it')).text, 'held for it');
    for (const [name, body, status] of [
      ['panics', 'on purpose', 500],
      ['panics', 'on the loop', 500],
      ['loops', '', 504],
    ]) {
      await host.fault(name, body, status, /^the function/);
      await host.good();
    }
    // Either the worker or the library catches the error, and prints the entry.
    await host.printedThat('holds for it');
    assert.equal(await host.workerProcess(), worker);
  });
});
