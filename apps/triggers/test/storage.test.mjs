// Functions of the module on real queues, blobs and tables: JavaScript functions of the same app send to them, and log
// what comes back.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startAzurite } from '../../azurite/azurite.mjs';
import { startHost } from '../../host.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const module = process.env.TRIGGERS_MODULE ?? path('../../../target/wasm32-wasip1/release/triggers.wasm');
const PATIENCE_MS = 60_000;

const APP = `
const { app, output } = require('@azure/functions');
const { registerModule } = require('bluecrab');

registerModule(${JSON.stringify(module)}, { only: ['queue-echo', 'queue-work', 'queue-fail', 'blob-copy', 'http-outputs'] });

const queue = output.storageQueue({ queueName: '{queue}', connection: 'AzureWebJobsStorage' });
const blob = output.storageBlob({ path: '{container}/{name}', connection: 'AzureWebJobsStorage' });
const bytes = async (request) => Buffer.from(await request.arrayBuffer());
const send = (name, route, to) => app.http(name, {
  methods: ['POST'],
  route,
  extraOutputs: [to],
  handler: async (request, context) => {
    context.extraOutputs.set(to, await bytes(request));
    return { status: 202 };
  },
});
send('send', 'send/{queue}', queue);
send('upload', 'upload/{container}/{name}', blob);
for (const queueName of ['echo-out', 'work-out', 'http-out', 'blob-out', 'fail-in-poison']) {
  app.storageQueue('log-' + queueName, {
    queueName,
    connection: 'AzureWebJobsStorage',
    dataType: 'binary',
    handler: (message, context) => context.log(queueName + ' has ' + message.toString('base64') + ';'),
  });
}`;

let azurite;
let folder;
let host;

before(async () => {
  azurite = await startAzurite();
  folder = mkdtempSync(path('./app-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ main: 'index.js' }));
  writeFileSync(join(folder, 'index.js'), APP);
  const extensions = { queues: { maxDequeueCount: 2, maxPollingInterval: '00:00:00.100' } };
  writeFileSync(join(folder, 'host.json'), JSON.stringify({ version: '2.0', extensions }));
  host = await startHost(folder, { env: { AzureWebJobsStorage: azurite.connection } });
});

after(async () => {
  await host?.stop();
  azurite?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function post(route, body) {
  const response = await fetch(`${host.url}/api/${route}`, { method: 'POST', body });
  assert.equal(response.status, 202, await response.text());
}

/** Waits until a queue has this message, and fails if another comes first. */
async function arrives(queue, message) {
  const text = `${queue} has ${Buffer.from(message).toString('base64')};`;
  for (const end = Date.now() + PATIENCE_MS; !host.printed().includes(text); await sleep(20)) {
    assert.ok(Date.now() < end, `no "${text}" in:\n${host.printed()}`);
  }
}

test('messages go through a function byte by byte', async () => {
  const messages = ['12345678901234567890', '89e7073266', '[1,2]', '{"a":1.0}', Buffer.of(0xff, 0, 10)];
  for (const message of messages) await post('send/echo-in', message);
  for (const message of messages) await arrives('echo-out', message);
});

test('an HTTP function sends each line as a message', async () => {
  await post('http-outputs', 'one\n[2]');
  await arrives('http-out', 'one');
  await arrives('http-out', '[2]');
});

test('a message names a blob, and several outputs are written', async () => {
  await post('upload/pictures/cat.png', '0123456789');
  await post('send/work-in', 'cat.png');
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) {
    const found = [...host.printed().matchAll(/work-out has ([^;]+);/g)].map(([, text]) =>
      JSON.parse(Buffer.from(text, 'base64')),
    );
    if (found.length < 2) continue;
    assert.deepEqual(found.map(({ copy, count }) => [copy, count]).sort(), [
      [1, 1],
      [2, 1],
    ]);
    return;
  }
  assert.fail(host.printed());
});

test('a message whose function fails each time ends in the poison queue', async () => {
  await post('send/fail-in', 'panic');
  await arrives('fail-in-poison', 'panic');
  assert.match(host.printed(), /the message panics/);
});

test('a blob is copied, and its path is known', async () => {
  await post('upload/originals/1e3.png', Buffer.of(0xff, 0));
  const described = { bytes: 2, extension: 'png', name: '1e3', path: 'originals/1e3.png' };
  await arrives('blob-out', JSON.stringify(described));
});
