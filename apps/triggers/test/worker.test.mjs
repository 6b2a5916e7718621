// Every function of the module through a worker that speaks FunctionRpc, with the messages that the platform's host
// sends.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start } from '../../../npm/worker/test/host.mjs';

let worker;
before(async () => {
  // Without HTTP streaming, HTTP requests arrive in gRPC messages, like everything else.
  process.env.BLUECRAB_HTTP_STREAM = '0';
  worker = await start(fileURLToPath(new URL('..', import.meta.url)));
});
after(() => worker?.stop());

/** Returns the registration of a function: its trigger, its other bindings by name, and its retry policy. */
function registered(name) {
  const { functionId, rawBindings, retryOptions } = worker.metadata.functionMetadataResults.find(
    (found) => found.name === name,
  );
  const bindings = rawBindings.map((text) => JSON.parse(text));
  const trigger = bindings.find(({ type }) => /trigger$/i.test(type));
  return {
    functionId,
    trigger,
    bindings: Object.fromEntries(bindings.map((one) => [one.name, one])),
    retryOptions,
  };
}

/** Fires a function. Returns the response of its invocation, with the outputs by name, and what it logged. */
async function fire(name, data, { inputs = {}, metadata = {}, ...more } = {}) {
  const { functionId, trigger } = registered(name);
  const invocationId = randomUUID();
  const given = { [trigger.name]: data, ...inputs };
  const inputData = Object.entries(given).map(([name, data]) => ({ name, data }));
  const invocationRequest = { invocationId, functionId, inputData, triggerMetadata: metadata, ...more };
  const response = await worker.ask(invocationId, { invocationRequest }, 'invocationResponse');
  const outputs = (response.outputData ?? []).map(({ name, data }) => [name, data]);
  const entries = worker.messages.filter(
    ({ rpcLog }) => rpcLog?.invocationId === invocationId && (rpcLog.logCategory ?? 'User') === 'User',
  );
  return {
    ...response,
    invocationId,
    failure: response.result.exception?.message,
    outputs: Object.fromEntries(outputs),
    log: entries.map(({ rpcLog }) => rpcLog.message),
  };
}

const bytes = (text) => ({ bytes: Buffer.from(text) });
const json = (value) => ({ json: JSON.stringify(value) });

describe('a queue function', () => {
  for (const message of ['12345678901234567890', '89e7073266', '[1,2]', '', Buffer.of(0xff, 0, 0xfe)]) {
    test(`returns the message ${JSON.stringify(message)} unchanged`, async () => {
      assert.deepEqual((await fire('queue-echo', bytes(message))).returnValue, bytes(message));
    });
  }

  test('reads and writes JSON, with long numbers', async () => {
    const { returnValue } = await fire('queue-json', bytes('{"id":12345678901234567890,"names":["b","a"]}'));
    assert.equal(String(returnValue.bytes), '{"id":12345678901234567890,"names":["a","b"]}');
  });

  test('has inputs, metadata and several outputs', async () => {
    const inputs = { picture: bytes('0123456789'), person: json({ Name: 'Ada' }) };
    const metadata = { DequeueCount: json(3), QueueTrigger: { string: 'cat.png' } };
    const { outputs, invocationId } = await fire('queue-work', bytes('cat.png'), { inputs, metadata });
    const done = (copy) =>
      JSON.stringify({ copy, count: 3, invocation: invocationId, person: { Name: 'Ada' } });
    assert.deepEqual(outputs.smallPicture, bytes('01234'));
    assert.deepEqual(JSON.parse(outputs.done.json).map(JSON.parse), [1, 2].map(done).map(JSON.parse));
    assert.deepEqual(JSON.parse(outputs.row.json), { PartitionKey: 'work', RowKey: 'cat.png', Bytes: 10 });
  });

  test('fails with its own message, and writes nothing', async () => {
    const metadata = { DequeueCount: json(1) };
    const { failure, outputs } = await fire('queue-work', bytes('dog.png'), { metadata });
    assert.equal(failure, 'there is no picture dog.png');
    assert.deepEqual(outputs, {});
    assert.equal((await fire('queue-fail', bytes('problem'))).failure, 'the message is a problem');
    assert.match((await fire('queue-fail', bytes('internal'))).failure, /^invalid digit found in string/);
    const panic = await fire('queue-fail', bytes('panic'));
    assert.equal(panic.failure, 'function queue-fail failed in WebAssembly: unreachable');
    assert.ok(panic.log.some((entry) => entry.includes('the message panics')));
    assert.match((await fire('queue-fail', { bytes: Buffer.of(0xff) })).failure, /UTF-8/);
    assert.equal((await fire('queue-fail', bytes('nothing'))).returnValue ?? null, null);
    assert.deepEqual((await fire('queue-fail', bytes('fine'))).returnValue, bytes('fine'));
  });
});

describe('a timer', () => {
  const status = { Last: '2026-01-01T00:00:00+00:00', Next: '2026-01-01T00:05:00+00:00', LastUpdated: '' };
  const timer = { Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: true };
  const attempt = (retryCount) =>
    fire('timer-tick', json(timer), { retryContext: { retryCount, maxRetryCount: 3 } });

  test('has a retry policy, and knows its attempt', async () => {
    const { retryOptions } = registered('timer-tick');
    assert.deepEqual([retryOptions.maxRetryCount, retryOptions.delayInterval.seconds], [3, 1]);
    assert.equal((await attempt(0)).failure, 'the first attempt fails');
    const { returnValue } = await attempt(1);
    const written = JSON.parse(returnValue.bytes);
    assert.equal(written.attempt, 1);
    assert.equal(written.timer.isPastDue, true);
  });
});

describe('a blob', () => {
  test('is copied byte by byte, and its path is known', async () => {
    const blob = { bytes: Buffer.alloc(3_000_000, '\xff\0') };
    const metadata = { BlobTrigger: { string: 'originals/a/1e3.png' }, name: { string: '1e3' } };
    const { outputs } = await fire('blob-copy', blob, { metadata });
    assert.ok(outputs.copy.bytes.equals(blob.bytes));
    assert.deepEqual(JSON.parse(outputs.described.bytes), {
      name: 'a/1e3',
      extension: 'png',
      bytes: 3_000_000,
      path: 'originals/a/1e3.png',
    });
  });
});

describe('messages and events', () => {
  test('of Service Bus', async () => {
    const metadata = { MessageId: { string: 'm1' }, DeliveryCount: json(2) };
    const { outputs } = await fire('bus-one', bytes('[1]'), { metadata });
    assert.deepEqual(JSON.parse(outputs.bus.json), ['[1]', 'm1 2']);
    assert.deepEqual(Object.keys(outputs), ['bus']);
  });

  test('of Service Bus, in a batch', async () => {
    assert.equal(registered('bus-batch').trigger.cardinality, 'many');
    const collectionBytes = { bytes: [Buffer.from('{"a":1}'), Buffer.from('two')] };
    const { outputs } = await fire('bus-batch', { collectionBytes });
    assert.deepEqual(JSON.parse(outputs.bus.json), ['{"a":1}', 'two']);
  });

  test('of Event Hubs', async () => {
    const metadata = { PartitionContext: json({ PartitionId: '7' }), SequenceNumber: json(42) };
    const event = { bytes: Buffer.of(0xff, 1) };
    const { outputs, failure } = await fire('hub-one', event, { metadata });
    assert.equal(failure, undefined);
    assert.deepEqual(outputs.hub, event);
    assert.deepEqual(JSON.parse(outputs.grid.json), { partition: '7', number: 42 });
  });

  test('of Event Hubs, in a batch', async () => {
    const collectionBytes = { bytes: ['one', '2'].map((text) => Buffer.from(text)) };
    assert.equal((await fire('hub-batch', { collectionBytes })).outputs.hub.json, '["one","2"]');
    const { failure } = await fire('hub-batch', {
      collectionBytes: { bytes: [Buffer.of(0xff), Buffer.of(1)] },
    });
    assert.match(failure, /message 1 of the output "hub" is not UTF-8/);
  });

  test('of Event Grid', async () => {
    const event = { id: 'e1', data: { url: 'https://example.org' } };
    assert.deepEqual(JSON.parse((await fire('grid-event', json(event))).returnValue.bytes), event);
  });

  test('of Cosmos DB', async () => {
    const { outputs } = await fire('cosmos-documents', { string: '[{"id":"a"},{"id":"b"}]' });
    assert.deepEqual(JSON.parse(outputs.documents.json), [
      { id: 'a', copied: true },
      { id: 'b', copied: true },
    ]);
  });

  test('of a trigger that the crate does not know', async () => {
    const { topic, lagThreshold } = registered('kafka-orders').trigger;
    assert.deepEqual([topic, lagThreshold], ['orders', 100]);
    const collectionString = { string: ['first', 'second'] };
    assert.deepEqual((await fire('kafka-orders', { collectionString })).log, ['orders: first, second']);
  });
});

describe('an HTTP function', () => {
  const request = (body, path = '') => {
    const sent = Buffer.from(body);
    const headers = { 'content-length': String(sent.length) };
    return { http: { method: 'POST', url: `http://localhost/api/${path}`, headers, body: { bytes: sent } } };
  };

  test('writes messages beside its response', async () => {
    const { returnValue, outputs } = await fire('http-outputs', request('one\ntwo'));
    assert.equal(returnValue.http.statusCode, '202');
    assert.equal(String(returnValue.http.body.bytes), '2 messages');
    assert.equal(outputs.messages.json, '["one","two"]');
  });
});

describe('an MCP tool', () => {
  const call = (args) =>
    fire('mcp-divide', { string: JSON.stringify({ name: 'mcp-divide', arguments: args }) });

  test('describes its arguments', () => {
    const { toolName, description, toolProperties } = registered('mcp-divide').trigger;
    assert.deepEqual([toolName, description], ['mcp-divide', 'Divides two numbers.']);
    const names = JSON.parse(toolProperties).map(({ propertyName, isRequired }) => [
      propertyName,
      isRequired,
    ]);
    assert.deepEqual(names, [
      ['dividend', true],
      ['dividedBy', true],
      ['places', false],
      ['names', false],
    ]);
  });

  test('answers with text, and says why it fails', async () => {
    const { returnValue } = await call({ dividend: 1, dividedBy: 3, places: 2 });
    assert.deepEqual(JSON.parse(JSON.parse(returnValue.string).content), { type: 'text', text: '0.33' });
    assert.equal((await call({ dividend: 1, dividedBy: 0 })).failure, 'a number cannot be divided by zero');
    assert.match((await call({ dividend: 'one' })).failure, /dividend|dividedBy|invalid type/);
  });
});
