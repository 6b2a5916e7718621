// What each hook receives. The expected values come from the platform's worker: set BLUECRAB_WORKER_DIR to its folder
// to run these tests with it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { start, writeApp } from './host.mjs';

const APP = `
const { app } = require('@azure/functions');
const { registerHook } = require('@azure/functions-core');
const { appendFileSync } = require('node:fs');
for (const name of ['appStart', 'preInvocation', 'postInvocation', 'appTerminate']) {
  registerHook(name, (context) => {
    const refused = Object.keys(context).filter((member) => {
      try {
        context[member] = context[member];
        return false;
      } catch (error) {
        return error instanceof TypeError;
      }
    });
    const { hookData, appHookData, functionAppDirectory, inputs, result, error, invocationContext } = context;
    const seen = { name, members: Object.keys(context).sort(), refused: refused.sort() };
    Object.assign(seen, { hookData: { ...hookData }, appHookData: { ...appHookData } });
    Object.assign(seen, { functionAppDirectory, inputs: inputs?.length, result, error: error?.message ?? error });
    Object.assign(seen, { invocation: invocationContext?.invocationId });
    appendFileSync(__dirname + '/seen', JSON.stringify(seen) + '\\n');
    hookData[name] = appHookData[name] = true;
  });
}
app.http('works', { handler: () => ({ body: 'yes' }) });
app.http('throws', { handler: () => { throw new Error('kaboom'); } });
`;
const GET = { method: 'GET', url: 'http://localhost/api/works' };

test('hooks share data in the app and in an invocation, and cannot replace it', async () => {
  const folder = writeApp({ 'package.json': { main: 'index.js' }, 'index.js': APP });
  const worker = await start(folder);
  await worker.invoke('i1', 'works', GET);
  await worker.invoke('i2', 'throws', GET);
  worker.send({ workerTerminate: { gracePeriod: {} } });
  assert.equal(await worker.exited, 0);
  worker.stop();

  const seen = readFileSync(join(folder, 'seen'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const [start_, before, after, beforeThrow, afterThrow, terminate] = seen;
  const shared = ['appHookData', 'hookData'];
  const of = (names) => Object.fromEntries(names.map((name) => [name, true]));
  assert.deepEqual(start_, {
    name: 'appStart',
    members: ['appHookData', 'functionAppDirectory', 'hookData'],
    refused: shared,
    hookData: {},
    appHookData: {},
    functionAppDirectory: folder,
  });
  assert.deepEqual(before, {
    name: 'preInvocation',
    members: ['appHookData', 'functionCallback', 'hookData', 'inputs', 'invocationContext'],
    refused: [...shared, 'invocationContext'],
    hookData: {},
    appHookData: of(['appStart']),
    inputs: 1,
    invocation: 'i1',
  });
  assert.deepEqual(after, {
    name: 'postInvocation',
    members: ['appHookData', 'error', 'hookData', 'inputs', 'invocationContext', 'result'],
    refused: [...shared, 'invocationContext'],
    hookData: of(['preInvocation']),
    appHookData: of(['appStart', 'preInvocation']),
    inputs: 1,
    result: { body: 'yes' },
    error: null,
    invocation: 'i1',
  });
  assert.deepEqual([beforeThrow.hookData, afterThrow.hookData], [{}, of(['preInvocation'])]);
  assert.deepEqual([afterThrow.result, afterThrow.error], [null, 'kaboom']);
  assert.deepEqual(terminate, {
    name: 'appTerminate',
    members: shared,
    refused: shared,
    hookData: of(['appStart']),
    appHookData: of(['appStart', 'preInvocation', 'postInvocation']),
  });
});

test('if the hook appStart throws, the host is told', async () => {
  const hook = "require('@azure/functions').app.hook.appStart(() => { throw new Error('no key'); });";
  const worker = await start(writeApp({ 'package.json': { main: 'index.js' }, 'index.js': hook }));
  worker.stop();
  assert.equal(worker.init.result.status ?? 'Failure', 'Failure');
  assert.match(worker.init.result.exception.message, /no key/);
});

test('other hooks are refused', async () => {
  const hook = "require('@azure/functions-core').registerHook('preinvocation', () => {});";
  const app = `const { app } = require('@azure/functions'); app.http('a', { handler: () => ({}) }); ${hook}`;
  const worker = await start(writeApp({ 'package.json': { main: 'index.js' }, 'index.js': app }));
  worker.stop();
  assert.match(worker.metadata.result.exception.message, /hook "preinvocation"/);
});

test('functions can be registered until the host asks for them', async () => {
  const app = `const { app } = require('@azure/functions');
    app.http('early', { handler: () => ({}) });
    app.hook.appStart(() => app.http('in-a-hook', { handler: () => ({}) }));
    app.hook.preInvocation(() => app.http('late', { handler: () => ({}) }));`;
  const worker = await start(writeApp({ 'package.json': { main: 'index.js' }, 'index.js': app }));
  const { result } = await worker.invoke('i1', 'early', GET);
  worker.stop();
  const names = worker.metadata.functionMetadataResults.map(({ name }) => name);
  assert.deepEqual(names, ['early', 'in-a-hook']);
  assert.match(result.exception.message, /function can only be registered/);
});

// The platform's worker may be older than log hooks.
const skip = Boolean(process.env.BLUECRAB_WORKER_DIR);
test('log hooks share the data of the invocation, and their errors have no effect', { skip }, async () => {
  const app = `const { app } = require('@azure/functions');
    app.hook.preInvocation((context) => { context.hookData.user = 'crab'; });
    app.hook.log((context) => {
      if (context.message === 'bad') throw new Error('kaboom');
      context.message += ' of ' + context.hookData.user + ' ' + context.invocationContext?.invocationId;
    });
    app.http('works', { handler: (_, context) => { context.log('good'); context.log('bad'); return { body: 'yes' }; } });`;
  const worker = await start(writeApp({ 'package.json': { main: 'index.js' }, 'index.js': app }));
  const { result } = await worker.invoke('i1', 'works', GET);
  worker.stop();
  assert.equal(result.status, 'Success');
  const user = worker.messages.filter(({ rpcLog }) => rpcLog?.invocationId === 'i1');
  assert.deepEqual(
    user.map(({ rpcLog }) => rpcLog.message),
    ['good of crab i1', 'bad'],
  );
});
