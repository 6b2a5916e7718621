import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, writeApp } from './host.mjs';

const FUNCTIONS = `
app.http('hello', { methods: ['GET'], handler: (req, context) => { context.warn('seen'); return { body: 'hello ' + req.query.get('name') }; } });
app.http('throws', { methods: ['GET'], handler: () => { throw new Error('kaboom'); } });
app.http('nothing', { methods: ['GET'], handler: () => undefined });
app.hook.preInvocation((context) => { context.invocationContext.info('before'); });
app.hook.postInvocation((context) => { context.invocationContext.info('after'); });
app.hook.appTerminate(() => { console.log('the app ends'); });
`;
const COMMONJS = {
  'package.json': { main: 'index.js' },
  'index.js': `const { app } = require('@azure/functions');\n${FUNCTIONS}`,
};
const GET = {
  method: 'GET',
  url: 'http://localhost/api/hello?name=crab',
  nullableQuery: { name: { value: 'crab' } },
};

async function started(t, files) {
  const worker = await start(writeApp(files));
  t.after(() => worker.stop());
  return worker;
}

test('connects to the host and describes the app', async (t) => {
  const { startStream, init, metadata } = await started(t, COMMONJS);
  assert.equal(startStream.workerId, 'w1');
  assert.equal(init.result.status, 'Success');
  assert.equal(init.capabilities.WorkerStatus, 'true');
  assert.equal(init.capabilities.HttpUri, undefined);
  assert.deepEqual(
    metadata.functionMetadataResults.map(({ name }) => name),
    ['hello', 'throws', 'nothing'],
  );
  const bindings = metadata.functionMetadataResults[0].rawBindings.map((text) => JSON.parse(text));
  assert.equal(bindings[0].type, 'httpTrigger');
});

test('loads ES modules, and every file that a pattern matches', async (t) => {
  const esm = {
    'package.json': { main: 'index.js', type: 'module' },
    'index.js': `import { app } from '@azure/functions';\n${FUNCTIONS}`,
  };
  const { metadata } = await started(t, esm);
  assert.equal(metadata.functionMetadataResults.length, 3);
  const one = (name) => `require('@azure/functions').app.http('${name}', { handler: () => ({}) });`;
  const pattern = {
    'package.json': { main: 'src/*.js' },
    'src/b.js': one('b'),
    'src/a.js': one('a'),
    'other.js': one('c'),
  };
  const worker = await started(t, pattern);
  assert.deepEqual(
    worker.metadata.functionMetadataResults.map(({ name }) => name),
    ['a', 'b'],
  );
});

test('runs invocations with their hooks and logs', async (t) => {
  const worker = await started(t, COMMONJS);
  const load = await worker.ask(
    'load',
    { functionLoadRequest: { functionId: 'hello' } },
    'functionLoadResponse',
  );
  assert.equal(load.result.status, 'Success');
  const { result, returnValue } = await worker.invoke('i1', 'hello', GET);
  assert.equal(result.status, 'Success');
  assert.equal(returnValue.http.body.bytes.toString(), 'hello crab');
  const user = worker.messages.filter(
    ({ rpcLog }) => rpcLog?.invocationId === 'i1' && (rpcLog.logCategory ?? 'User') === 'User',
  );
  const entries = user.map(({ rpcLog }) => [rpcLog.level, rpcLog.message]);
  assert.deepEqual(entries, [
    ['Information', 'before'],
    ['Warning', 'seen'],
    ['Information', 'after'],
  ]);
});

test('passes on counts that are 0 and texts that are empty', async (t) => {
  const worker = await started(t, {
    'package.json': { main: 'index.js' },
    'index.js': `require('@azure/functions').app.storageQueue('queue', { queueName: 'q', connection: '',
      return: { type: 'queue', name: '$return' },
      handler: (_, { retryContext, traceContext }) => ({ retryContext, traceContext }) });`,
  });
  const [{ functionId, rawBindings }] = worker.metadata.functionMetadataResults;
  const { name } = rawBindings.map((text) => JSON.parse(text)).find(({ type }) => type === 'queueTrigger');
  const invocationRequest = {
    invocationId: 'i7',
    functionId,
    inputData: [{ name, data: { string: 'x' } }],
    retryContext: { maxRetryCount: 2 },
    traceContext: { traceParent: '00-1-2-01' },
  };
  const { returnValue } = await worker.ask('i7', { invocationRequest }, 'invocationResponse');
  assert.deepEqual(JSON.parse(returnValue.json), {
    retryContext: { retryCount: 0, maxRetryCount: 2 },
    traceContext: { traceParent: '00-1-2-01', traceState: '', attributes: {} },
  });
});

test('reports failed invocations', async (t) => {
  const worker = await started(t, COMMONJS);
  const thrown = await worker.invoke('i2', 'throws', GET);
  assert.equal(thrown.result.status ?? 'Failure', 'Failure');
  assert.equal(thrown.result.exception.message, 'kaboom');
  const unknown = await worker.invoke('i3', 'unknown', GET);
  assert.match(unknown.result.exception.message, /"unknown" is not loaded/);
  assert.equal((await worker.invoke('i4', 'nothing', GET)).result.status, 'Success');
});

test('reports why an app cannot be loaded', async (t) => {
  for (const [files, reason] of [
    [{ 'package.json': { main: 'index.js' }, 'index.js': "throw new Error('no luck');" }, /no luck/],
    [
      {
        'package.json': { main: 'index.js' },
        'index.js': `const { app } = require('@azure/functions');
          for (const body of ['one', 'two']) app.http('same', { handler: () => ({ body }) });`,
      },
      /"same" has already been registered/,
    ],
    [{ 'package.json': {} }, /names no entry file/],
    [{ 'package.json': { main: 'dist/*.js' } }, /no file in .* matches "main": "dist\/\*\.js"/],
  ]) {
    const { metadata } = await started(t, files);
    assert.match(metadata.result.exception.message, reason);
  }
});

test('replaces a placeholder with an app and its environment', async (t) => {
  const worker = await started(t, { 'package.json': {} });
  const functionAppDirectory = writeApp({
    'package.json': { main: 'index.js' },
    'index.js': `require('@azure/functions').app.http(process.env.NAME_OF_FUNCTION, {
      methods: ['GET'],
      handler: () => ({ body: String(process.env.PATH) }),
    });`,
  });
  const environmentVariables = { NAME_OF_FUNCTION: 'placed' };
  const content = { functionEnvironmentReloadRequest: { environmentVariables, functionAppDirectory } };
  const reloaded = await worker.ask('reload', content, 'functionEnvironmentReloadResponse');
  assert.equal(reloaded.result.status, 'Success');
  const asked = { functionsMetadataRequest: { functionAppDirectory } };
  const metadata = await worker.ask('meta2', asked, 'functionMetadataResponse');
  assert.equal(metadata.result.status, 'Success');
  const [placed] = metadata.functionMetadataResults;
  assert.equal(placed.name, 'placed');
  const trigger = placed.rawBindings
    .map((text) => JSON.parse(text))
    .find(({ type }) => type === 'httpTrigger');
  const inputData = [{ name: trigger.name, data: { http: GET } }];
  const invocationRequest = { invocationId: 'i6', functionId: placed.functionId, inputData };
  const { result, returnValue } = await worker.ask('i6', { invocationRequest }, 'invocationResponse');
  assert.equal(result.status, 'Success');
  assert.equal(returnValue.http.body.bytes.toString(), 'undefined');
});

test('streams over HTTP, on the loopback interface only', async (t) => {
  const worker = await started(t, {
    'package.json': { main: 'index.js' },
    'index.js': `const { app } = require('@azure/functions');
      app.setup({ enableHttpStream: true });
      app.http('echo', { methods: ['POST'], handler: (req) => ({ body: req.body }) });`,
  });
  const uri = new URL(worker.init.capabilities.HttpUri);
  assert.equal(uri.hostname, '127.0.0.1');
  const headers = {
    'x-ms-invocation-id': 'i5',
    'x-forwarded-host': 'localhost',
    'x-forwarded-proto': 'http',
  };
  const answered = new Promise((resolve, reject) => {
    const sent = request(uri, { method: 'POST', headers }, async (response) => {
      // Only the host may close a connection.
      assert.equal(response.headers['keep-alive'], undefined);
      resolve((await response.toArray()).join(''));
    });
    sent.on('error', reject).end('streamed');
  });
  const { result } = await worker.invoke('i5', 'echo', {});
  assert.equal(result.status, 'Success');
  assert.equal(await answered, 'streamed');
});

test('ends when the host tells it to, and when the host ends', async (t) => {
  const told = await started(t, COMMONJS);
  told.send({ workerTerminate: {} });
  assert.equal(await told.exited, 0);
  const alone = await started(t, COMMONJS);
  alone.closeStream();
  assert.equal(await alone.exited, 0);
});

test('ends with the host, even if a thread computes without an end, and after a computation of its own', async (t) => {
  const endless = `new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0,
    10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11]))).exports.f()`;
  const begin = `require('node:fs').writeFileSync('begun', '');`;
  const thread = `new (require('node:worker_threads').Worker)(${JSON.stringify(begin + endless)}, { eval: true });`;
  const own = `${begin} while (!require('node:fs').existsSync('enough'));`;
  for (const computation of [thread, own]) {
    const folder = writeApp({
      'package.json': { main: 'index.js' },
      'index.js': `require('@azure/functions').app.http('hello', { handler: () => { ${computation} } });`,
    });
    const worker = await start(folder);
    t.after(() => worker.stop());
    worker.invoke('i6', 'hello', GET);
    while (!existsSync(join(folder, 'begun'))) await sleep(5);
    worker.closeStream();
    if (computation === own) writeFileSync(join(folder, 'enough'), '');
    assert.equal(await worker.exited, 0, computation);
  }
});

test('an unhandled rejection ends the worker, as on the platform', async (t) => {
  const worker = await started(t, {
    'package.json': { main: 'index.js' },
    'index.js': `require('@azure/functions').app.http('leaves', {
      methods: ['GET'],
      handler: () => { Promise.reject(new Error('nobody')); return {}; },
    });`,
  });
  worker.invoke('i7', 'leaves', GET);
  assert.equal(await worker.exited, 1);
});

test('keeps the SameSite of a cookie', async (t) => {
  const worker = await started(t, {
    'package.json': { main: 'index.js' },
    'index.js': `require('@azure/functions').app.http('cookies', {
      methods: ['GET'],
      handler: () => ({ cookies: ['Lax', 'Strict', 'None'].map((sameSite) => ({ name: sameSite, value: '1', sameSite })) }),
    });`,
  });
  const { returnValue } = await worker.invoke('i8', 'cookies', GET);
  assert.deepEqual(
    returnValue.http.cookies.map(({ sameSite }) => sameSite),
    ['Lax', 'Strict', 'ExplicitNone'],
  );
});
