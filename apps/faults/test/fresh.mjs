// With `run = "fresh"` no call sees what an earlier call has left behind.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startHost } from './host.mjs';

describe('a new instance for each call', () => {
  let host;
  before(async () => {
    // One thread, which keeps an instance for the other functions of the module.
    host = await startHost({ env: { BLUECRAB_THREADS: '1' } });
  });
  after(() => host?.stop());

  test('forgets what a call has counted, whether it answered or panicked', async () => {
    for (let call = 1; call < 20; call++) {
      assert.equal((await host.send('counts')).text, String(call));
      assert.equal((await host.send('counts-fresh')).text, '1');
      if (call % 5 === 0) await host.fault('counts-fresh', 'panic', 500, /^the function failed/);
    }
    await host.good();
  });
});
