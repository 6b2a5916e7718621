// Every trigger through a worker that speaks FunctionRpc: what the library registers, what arrives, and what goes back.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { start, writeApp } from '../../../worker/test/host.mjs';
import { answering, writeGuest } from './guest.mjs';

const OUTPUTS = ['queue', 'serviceBus', 'eventHub', 'blob', 'table'].map((type) => ({ name: type, type }));
const FIXED = { strategy: 'fixedDelay', maxRetryCount: 2, delayMs: 1000 };
const BACKOFF = { strategy: 'exponentialBackoff', maxRetryCount: -1, minimumMs: 1000, maximumMs: 60_000 };
const BATCH = { type: 'eventHubTrigger', eventHubName: 'hub', connection: 'Hub', cardinality: 'many' };
const TOOL_PROPERTIES = [{ propertyName: 'a', propertyType: 'string', isRequired: true, description: '' }];

/** The functions of the app, by name: the export, and the declaration. */
const FUNCTIONS = {
  queue: [
    'reply',
    { trigger: { type: 'queueTrigger', queueName: 'jobs', connection: 'Storage' }, outputs: OUTPUTS },
  ],
  text: ['echo', { trigger: { type: 'queueTrigger', queueName: 'jobs', dataType: 'string' } }],
  blob: ['echo', { trigger: { type: 'blobTrigger', path: 'in/{name}' }, head: ['params'] }],
  timer: [
    'echo',
    { trigger: { type: 'timerTrigger', schedule: '0 */5 * * * *' }, retry: FIXED, head: ['retry'] },
  ],
  bus: ['echo', { trigger: { type: 'serviceBusTrigger', topicName: 't', subscriptionName: 's' } }],
  events: ['echo', { trigger: BATCH, retry: BACKOFF, head: ['metadata:sequenceNumberArray'] }],
  grid: ['echo', { trigger: { type: 'eventGridTrigger' } }],
  cosmos: ['echo', { trigger: { type: 'cosmosDBTrigger', databaseName: 'd', containerName: 'c' } }],
  tool: [
    'echo',
    { trigger: { type: 'mcpToolTrigger', description: 'Adds.', toolProperties: TOOL_PROPERTIES } },
  ],
  kafka: ['echo', { trigger: { type: 'kafkaTrigger', topic: 't' } }],
  inputs: [
    'echo',
    {
      trigger: { type: 'queueTrigger', queueName: 'jobs' },
      inputs: [
        { name: 'picture', type: 'blob', path: 'in/{queueTrigger}' },
        { name: 'gone', type: 'blob', path: 'in/gone' },
        { name: 'row', type: 'table', tableName: 'rows' },
      ],
    },
  ],
  returns: [
    'echo',
    {
      trigger: { type: 'queueTrigger', queueName: 'jobs' },
      outputs: [{ name: '$return', type: 'queue', queueName: 'done' }],
    },
  ],
  http: ['reply', { outputs: OUTPUTS, maxBodyBytes: 1000 }],
  hooked: ['echo', { maxBodyBytes: 1000 }],
  fail: ['fail', { trigger: { type: 'queueTrigger', queueName: 'jobs' }, outputs: OUTPUTS }],
  trap: ['trap', { trigger: { type: 'queueTrigger', queueName: 'jobs' } }],
  hash: ['echo', { trigger: { type: 'callable' } }],
  future: ['echo', { requires: ['trigger', 'lease'], trigger: 'of another form' }],
};

/** A hook that reads the response of `hooked` in every way, and changes it. */
const HOOK = `
  require('@azure/functions').app.hook.postInvocation(async ({ result, invocationContext }) => {
    if (invocationContext.functionName !== 'hooked') return;
    result.headers.set('x-hook', 'seen');
    const texts = [await result.text(), await result.clone().text(), await (await result.blob()).text()];
    invocationContext.log(JSON.stringify([...texts, await result.json(), result.status]));
  });`;

let worker;
before(async () => {
  const declarations = Object.entries(FUNCTIONS).map(([name, [exported, more]]) => [
    exported,
    { name, ...more },
  ]);
  worker = await start(
    writeApp({
      'package.json': { main: 'index.js' },
      'index.js': `require('bluecrab').registerModule(${JSON.stringify(writeGuest(...declarations))});${HOOK}`,
    }),
  );
});
after(() => worker.stop());

const found = (name) => worker.metadata.functionMetadataResults.find((found) => found.name === name);

/** Returns the bindings of a function by name, without the members that every binding has. */
function bindingsOf(name) {
  const bindings = found(name).rawBindings.map((text) => JSON.parse(text));
  return bindings.map(({ properties, ...binding }) => binding);
}

const triggerOf = (name) => bindingsOf(name).find(({ type }) => /trigger$/i.test(type));

/** Invokes a function. Returns the response, the outputs by name, and what the function logged. */
async function invoke(name, data, { inputs = {}, metadata = {}, ...more } = {}) {
  const invocationId = randomUUID();
  const inputData = [
    { name: triggerOf(name).name, data },
    ...Object.entries(inputs).map(([name, data]) => ({ name, data })),
  ];
  const request = {
    invocationId,
    functionId: found(name).functionId,
    inputData,
    triggerMetadata: metadata,
    ...more,
  };
  const response = await worker.ask(invocationId, { invocationRequest: request }, 'invocationResponse');
  const log = worker.messages
    .filter(
      ({ rpcLog }) => rpcLog?.invocationId === invocationId && (rpcLog.logCategory ?? 'User') === 'User',
    )
    .map(({ rpcLog }) => rpcLog.message);
  return {
    ...response,
    outputs: Object.fromEntries((response.outputData ?? []).map(({ name, data }) => [name, data])),
    log,
  };
}

describe('registration', () => {
  test('has every function but those for JavaScript and those of a newer library', () => {
    const names = worker.metadata.functionMetadataResults.map(({ name }) => name);
    assert.deepEqual(
      names,
      Object.keys(FUNCTIONS).filter((name) => name !== 'hash' && name !== 'future'),
    );
    assert.equal(worker.metadata.result.status, 'Success');
    // The HTTP function accepts short bodies only; the blobs do not count.
    assert.equal(worker.init.capabilities.HttpUri, undefined);
  });

  for (const [name, expected] of [
    ['queue', { type: 'queueTrigger', queueName: 'jobs', connection: 'Storage', dataType: 'binary' }],
    ['text', { type: 'queueTrigger', queueName: 'jobs', dataType: 'string' }],
    ['blob', { type: 'blobTrigger', path: 'in/{name}' }],
    ['bus', { type: 'serviceBusTrigger', topicName: 't', subscriptionName: 's', dataType: 'binary' }],
    ['events', { ...BATCH, dataType: 'binary' }],
    ['kafka', { type: 'kafkaTrigger', topic: 't' }],
    [
      'tool',
      {
        type: 'mcpToolTrigger',
        toolName: 'tool',
        description: 'Adds.',
        toolProperties: JSON.stringify(TOOL_PROPERTIES),
        useResultSchema: true,
      },
    ],
  ]) {
    test(`of the trigger of ${name}`, () => {
      const { name: _, direction, ...options } = triggerOf(name);
      assert.equal(direction, 'in');
      assert.deepEqual(options, expected);
    });
  }

  test('of inputs and outputs', () => {
    assert.deepEqual(bindingsOf('inputs').slice(1), [
      { dataType: 'binary', name: 'picture', type: 'blob', path: 'in/{queueTrigger}', direction: 'in' },
      { dataType: 'binary', name: 'gone', type: 'blob', path: 'in/gone', direction: 'in' },
      { name: 'row', type: 'table', tableName: 'rows', direction: 'in' },
    ]);
    assert.deepEqual(bindingsOf('returns').slice(1), [
      { name: '$return', type: 'queue', queueName: 'done', direction: 'out' },
    ]);
  });

  test('of retry policies', () => {
    const { retryOptions: fixed } = found('timer');
    assert.deepEqual([fixed.maxRetryCount, fixed.delayInterval.seconds], [2, 1]);
    const { retryOptions: backoff } = found('events');
    assert.equal(backoff.maxRetryCount, -1);
    assert.deepEqual([backoff.minimumInterval.seconds, backoff.maximumInterval.seconds], [1, 60]);
  });
});

describe('an invocation', () => {
  for (const message of ['12345678901234567890', '89e7073266', '[1,2]', 'true', Buffer.of(0xff, 0, 10)]) {
    test(`gets the exact bytes ${JSON.stringify(message)}, and returns them`, async () => {
      const bytes = Buffer.from(message);
      const { result, returnValue } = await invoke('returns', { bytes });
      assert.equal(result.status, 'Success');
      assert.deepEqual(returnValue.bytes, bytes);
    });
  }

  test('writes every output so that the host changes no byte', async () => {
    const message = answering([
      ['queue', '[1,2]'],
      ['eventHub', '[1]'],
      ['eventHub', '89e7073266'],
      ['serviceBus', '{"a":1}'],
      ['blob', Buffer.of(0xff, 0)],
      ['table', '{"id":9007199254740993,"rate":1.0}', 'json'],
    ]);
    const { outputs, returnValue } = await invoke('queue', { bytes: message });
    assert.deepEqual(outputs.queue, { bytes: Buffer.from('[1,2]') });
    assert.deepEqual(outputs.eventHub, { json: '["[1]","89e7073266"]' });
    assert.deepEqual(outputs.serviceBus, { json: '["{\\"a\\":1}"]' });
    assert.deepEqual(outputs.blob, { bytes: Buffer.of(0xff, 0) });
    const exact = 'rawJSON' in JSON;
    assert.deepEqual(outputs.table, {
      json: exact ? '{"id":9007199254740993,"rate":1.0}' : '{"id":9007199254740992,"rate":1}',
    });
    assert.equal(returnValue ?? null, null);
  });

  test('of an HTTP function writes outputs beside its response', async () => {
    const bytes = answering([['queue', '[1,2]']], 'accepted');
    const http = { method: 'POST', url: 'http://localhost/api/http', body: { bytes } };
    http.headers = { 'content-length': String(bytes.length) };
    const { outputs, returnValue } = await invoke('http', { http });
    assert.equal(String(returnValue.http.body.bytes), 'accepted');
    assert.deepEqual(outputs.queue, { bytes: Buffer.from('[1,2]') });
  });

  test('of an HTTP function answers with the bytes, and a hook can read and change the response', async () => {
    const bytes = Buffer.from('{"price":"5 €"}');
    const http = { method: 'POST', url: 'http://localhost/api/hooked', body: { bytes } };
    http.headers = { 'content-length': String(bytes.length) };
    const { returnValue, log } = await invoke('hooked', { http });
    const text = String(bytes);
    assert.deepEqual(JSON.parse(log[1]), [text, text, text, { price: '5 €' }, 200]);
    assert.deepEqual(returnValue.http.body.bytes, bytes);
    assert.deepEqual(returnValue.http.headers, { 'content-length': String(bytes.length), 'x-hook': 'seen' });
  });

  test('of a timer gets the timer, and its retry', async () => {
    const json = '{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}';
    const retryContext = { retryCount: 1, maxRetryCount: 2 };
    const { log, result } = await invoke('timer', { json }, { retryContext });
    assert.equal(result.status, 'Success');
    assert.equal(log[0], '{"retry":{"count":1,"max":2}}');
  });

  test('of a blob gets its path', async () => {
    const metadata = { BlobTrigger: { string: 'in/1e3' }, name: { string: '1e3' } };
    const { log } = await invoke('blob', { bytes: Buffer.of(1) }, { metadata });
    assert.equal(log[0], '{"params":{"name":"1e3"}}');
  });

  test('of a batch gets its items', async () => {
    const collectionBytes = { bytes: [Buffer.from('one'), Buffer.of(0xff)] };
    const metadata = { SequenceNumberArray: { collectionSint64: { sint64: [5, 6] } } };
    const { log, result } = await invoke('events', { collectionBytes }, { metadata });
    assert.equal(result.status, 'Success');
    assert.deepEqual(JSON.parse(log[0]), {
      metadata: { sequenceNumberArray: [5, 6] },
      items: [
        [0, 3],
        [3, 1],
      ],
    });
  });

  test('gets its inputs', async () => {
    const inputs = { picture: { bytes: Buffer.of(0xff) }, gone: {}, row: { json: '{"id":7}' } };
    const { log } = await invoke('inputs', { bytes: Buffer.from('job') }, { inputs });
    assert.deepEqual(JSON.parse(log[0]), { items: [[0, 3]], inputs: { picture: [3, 1], row: [4, 8] } });
  });

  test('of an MCP tool gets the arguments, and returns text', async () => {
    const { returnValue } = await invoke('tool', { string: '{"name":"tool","arguments":{"a":"b"}}' });
    const { type, content } = JSON.parse(returnValue.string);
    assert.equal(type, 'text');
    assert.deepEqual(JSON.parse(content), { type: 'text', text: '{"a":"b"}' });
  });

  test('that fails has the message of the function, and no outputs', async () => {
    const { result, outputs } = await invoke('fail', { bytes: Buffer.from('no such row') });
    assert.equal(result.exception.message, 'no such row');
    assert.deepEqual(outputs, {});
    const { result: trapped } = await invoke('trap', { bytes: Buffer.of() });
    assert.equal(trapped.exception.message, 'function trap failed in WebAssembly: unreachable');
    assert.equal((await invoke('grid', { json: '{}' })).result.status, 'Success');
  });
});
