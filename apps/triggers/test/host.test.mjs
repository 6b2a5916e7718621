// Functions of the module under `bluecrab dev`, called by hand. What they write to services that the host cannot reach
// is shown.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startHost } from '../../host.mjs';

const PATIENCE_MS = 120_000;
let host;
before(async () => {
  host = await startHost(fileURLToPath(new URL('..', import.meta.url)), {
    // The timer writes to a queue, and there is no storage.
    env: { 'AzureWebJobs.timer-tick.Disabled': 'true', AzureWebJobsStorage: '' },
  });
});
after(() => host?.stop());

/** Fires a function by hand. Returns what its run has written: the items by the name of the output. */
async function fire(name, event, count) {
  const url = `${host.url}/admin/functions/${name}`;
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(event) });
  assert.equal(status, 202);
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) {
    const written = await (await fetch(`${url}/outputs`)).json();
    if (written.length >= count)
      return Object.fromEntries(written.map(({ binding, items }) => [binding.name, items]));
  }
  throw new Error(`${name} has not written ${count} outputs:\n${host.printed()}`);
}

test('a message of Service Bus goes on as it is', async () => {
  const event = { input: '[12345678901234567890]', metadata: { messageId: 'm1', deliveryCount: 2 } };
  const { bus } = await fire('bus-one', event, 1);
  assert.deepEqual(bus, [{ text: '[12345678901234567890]' }, { text: 'm1 2' }]);
});

test('a batch of events goes on as it is', async () => {
  const { hub } = await fire('hub-batch', { input: ['89e7073266', '{"a":1.0}'] }, 1);
  assert.deepEqual(hub, [{ text: '89e7073266' }, { text: '{"a":1.0}' }]);
});

test('an event that is not text goes on as it is', async () => {
  const metadata = { partitionContext: { partitionId: '7' }, sequenceNumber: 42 };
  const { hub, grid } = await fire('hub-one', { base64: '/wE=', metadata }, 2);
  assert.deepEqual(hub, [{ base64: '/wE=' }]);
  assert.deepEqual(grid, [{ json: { partition: '7', number: 42 } }]);
});

test('changed documents are copied', async () => {
  const { documents } = await fire('cosmos-documents', { input: [{ id: 'a' }, { id: 'b' }] }, 1);
  assert.deepEqual(documents, [{ json: { copied: true, id: 'a' } }, { json: { copied: true, id: 'b' } }]);
});

test('a failed function says why in the log', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ input: 'problem' });
  await fetch(`${host.url}/admin/functions/queue-fail`, { method: 'POST', headers, body });
  const end = Date.now() + PATIENCE_MS;
  while (!host.printed().includes('the message is a problem') && Date.now() < end) await sleep(20);
  assert.match(host.printed(), /queue-fail .*the message is a problem/);
});
