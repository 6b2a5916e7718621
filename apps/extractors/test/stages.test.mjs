// The header Server-Timing, with and without the app setting.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHost } from './host.mjs';

const INIT = { method: 'POST', body: 'an apple a day' };
const STAGES = ['body', 'queue', 'copy-in', 'compute', 'compute.split', 'compute.count', 'copy-out'];

test('without the app setting there is no header, and the module does not see the setting', async () => {
  const host = await startHost({ BLUECRAB_SERVER_TIMING: undefined });
  try {
    const { json, headers } = await host.send('stages', INIT);
    assert.deepEqual(json, [3, false]);
    assert.equal(headers.get('server-timing'), null);
  } finally {
    await host.stop();
  }
});

test('with the app setting the header lists every stage', async () => {
  const host = await startHost({ BLUECRAB_SERVER_TIMING: '1' });
  try {
    const { json, headers } = await host.send('stages', INIT);
    assert.deepEqual(json, [3, true]);
    const metrics = headers.get('server-timing').split(', ');
    assert.deepEqual(
      metrics.map((metric) => metric.split(';')[0]),
      STAGES,
    );
    for (const metric of metrics) assert.match(metric, /^[\w.-]+;dur=\d+\.\d{3}$/);
  } finally {
    await host.stop();
  }
});
