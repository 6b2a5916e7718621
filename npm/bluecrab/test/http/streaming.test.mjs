// When the library turns HTTP streaming on. The choice holds for a whole app, so each app runs in a thread of its own.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { registerModule } from 'bluecrab';
import { capabilities } from '../app.mjs';

const SHORT = 64 << 10;
const LONG = SHORT + 1;

if (isMainThread) {
  const { declare, ECHO, write } = await import('../guest.mjs');
  /** Writes a module with a function for each of these limits. */
  const moduleOf = (limits) =>
    write(
      ECHO,
      limits.map((limit, index) => ({ ...declare(`f${index}`, { maxBodyBytes: limit }), export: 'echo' })),
    );

  for (const [what, modules, setting, expected] of [
    ['is on for a function without a limit', [[undefined]], '', true],
    ['is on for a function that accepts long bodies', [[LONG]], '', true],
    ['is on if one of two functions accepts long bodies', [[SHORT, LONG]], '', true],
    ['is on if the first of two modules accepts long bodies', [[LONG], [SHORT]], '', true],
    ['is off if all functions accept short bodies only', [[SHORT, 0], [SHORT]], '', false],
    ['is on with the setting 1', [[SHORT]], '1', true],
    ['is off with the setting 0', [[LONG]], '0', false],
  ]) {
    test(`HTTP streaming ${what}`, async () => {
      const env = { ...process.env, BLUECRAB_HTTP_STREAM: setting, BLUECRAB_THREADS: '1' };
      const app = new Worker(fileURLToPath(import.meta.url), { workerData: modules.map(moduleOf), env });
      try {
        const [streams] = await once(app, 'message');
        assert.equal(streams, expected);
      } finally {
        await app.terminate();
      }
    });
  }

  test('a wrong setting is refused, and the error says what is expected', () => {
    process.env.BLUECRAB_HTTP_STREAM = 'on';
    assert.throws(() => registerModule(moduleOf([LONG])), {
      message: 'the app setting BLUECRAB_HTTP_STREAM is "on": expected 1 or 0',
    });
  });
} else {
  for (const file of workerData) registerModule(file);
  parentPort.postMessage((await capabilities()).HttpUri !== undefined);
}
