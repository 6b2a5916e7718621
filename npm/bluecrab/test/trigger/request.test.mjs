// What a function that HTTP does not call receives.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fire, writeGuest } from './guest.mjs';

const QUEUE = { type: 'queueTrigger', queueName: 'jobs' };
const BLOB = { name: 'picture', type: 'blob', path: 'pictures/{name}' };

/** Calls `echo`. Returns the request head, and the body in the outputs' place. */
async function received(declaration, value, init) {
  const outputs = [{ name: '$return', type: 'blob', path: 'copy' }];
  const { head, returned } = await fire(
    writeGuest(['echo', { outputs, ...declaration }]),
    'echo',
    value,
    init,
  );
  return { head, body: returned };
}

describe('the body', () => {
  const numbers = '{"id":12345678901234567890}';
  for (const [what, value, expected] of [
    ['bytes', Buffer.of(0, 0xff, 10), Buffer.of(0, 0xff, 10)],
    ['bytes that look like a number', Buffer.from('89e7073266'), '89e7073266'],
    ['bytes with long numbers', Buffer.from(numbers), numbers],
    ['another view', new Uint16Array([0x6261]).subarray(0), 'ab'],
    ['an array buffer', new Uint8Array([97, 98]).buffer, 'ab'],
    ['text', 'Zoë', 'Zoë'],
    ['an object', { isPastDue: false }, '{"isPastDue":false}'],
    ['a number', 5, '5'],
    // Functions read JSON strictly, and a lone surrogate would make a whole batch unreadable.
    ['text that was cut', 'cut \ud83e', 'cut \ufffd'],
    [
      'an object with a text that was cut',
      { '\udd80': '\\ud83e 🦀\ud83e' },
      '{"\\ufffd":"\\\\ud83e 🦀\\ufffd"}',
    ],
    ['a value that is missing', undefined, ''],
    ['null', null, ''],
  ]) {
    test(`is ${what}`, async () => {
      const { head, body } = await received({ trigger: QUEUE }, value);
      assert.deepEqual(body, Buffer.from(expected));
      assert.equal(head, '');
    });
  }

  test('has the items of a batch, and the head says where they are', async () => {
    const trigger = { type: 'serviceBusTrigger', queueName: 'q', cardinality: 'many' };
    const items = [Buffer.from('one'), 'two', { three: 3 }, Buffer.of()];
    const { head, body } = await received({ trigger }, items);
    assert.equal(String(body), 'onetwo{"three":3}');
    assert.deepEqual(head, {
      items: [
        [0, 3],
        [3, 3],
        [6, 11],
        [17, 0],
      ],
    });
    assert.deepEqual((await received({ trigger }, undefined)).head, { items: [] });
    assert.deepEqual((await received({ trigger }, Buffer.from('one'))).head, { items: [[0, 3]] });
  });

  test('is followed by the inputs, and an input that does not exist is left out', async () => {
    const inputs = [BLOB, { name: 'row', type: 'table' }, { name: 'gone', type: 'blob' }];
    const values = { picture: Buffer.of(1, 2, 3), row: { id: 7 } };
    const { head, body } = await received({ trigger: QUEUE, inputs }, 'job', { inputs: values });
    assert.deepEqual(body, Buffer.concat([Buffer.from('job'), Buffer.of(1, 2, 3), Buffer.from('{"id":7}')]));
    assert.deepEqual(head, { items: [[0, 3]], inputs: { picture: [3, 3], row: [6, 8] } });
    assert.deepEqual((await received({ trigger: QUEUE, inputs }, 'job')).head.inputs, {});
  });

  test('has the arguments of an MCP tool', async () => {
    const trigger = { type: 'mcpToolTrigger' };
    for (const [value, expected] of [
      [{ name: 'echo', arguments: { a: [1] }, sessionid: 's' }, '{"a":[1]}'],
      [{ name: 'echo', arguments: null }, '{}'],
      ['', '{}'],
    ]) {
      const { returned } = await fire(writeGuest(['echo', { trigger }]), 'echo', value);
      assert.equal(returned, expected);
    }
  });

  test('must not be longer than the function accepts, but inputs may be of any length', async () => {
    const file = writeGuest(['echo', { trigger: QUEUE, inputs: [BLOB], maxBodyBytes: 5 }]);
    const inputs = { picture: Buffer.alloc(100) };
    assert.equal((await fire(file, 'echo', 'short', { inputs })).head.inputs.picture[1], 100);
    await assert.rejects(fire(file, 'echo', 'longer', { inputs }), {
      message:
        'function echo was not called: its trigger brought 6 bytes, more than the 5 that it accepts; raise max_body',
    });
  });
});

describe('the head', () => {
  const headOf = async (head, init, trigger = QUEUE) =>
    (await received({ trigger, head }, 'x', { invocationId: 'i1', ...init })).head;

  test('has the members that the manifest asks for', async () => {
    const init = {
      traceContext: { traceParent: '00-1-2-01', traceState: '' },
      retryContext: { retryCount: 1, maxRetryCount: 5 },
      triggerMetadata: { dequeueCount: 2, id: 'm' },
    };
    assert.deepEqual(await headOf(['invocationId', 'trace', 'retry', 'metadata'], init), {
      invocationId: 'i1',
      trace: { traceparent: '00-1-2-01' },
      retry: { count: 1, max: 5 },
      metadata: { dequeueCount: 2, id: 'm' },
    });
  });

  test('leaves out what the invocation does not have', async () => {
    const init = { traceContext: { traceParent: '', traceState: '' } };
    assert.deepEqual(await headOf(['trace', 'retry', 'metadata', 'params', 'method'], init), {});
  });

  test('has single members of the metadata', async () => {
    const init = { triggerMetadata: { dequeueCount: 2, id: 'm' } };
    assert.deepEqual(await headOf(['metadata:dequeueCount', 'metadata:Id', 'metadata:gone'], init), {
      metadata: { dequeueCount: 2, Id: 'm' },
    });
  });

  test('has the numbers of a batch of events', async () => {
    const long = (low, high, unsigned = false) => ({ low, high, unsigned });
    const sequenceNumberArray = [long(5, 0), long(-1, -1), long(-1, 0), long(0, 1), long(0, -1, true)];
    const { metadata } = await headOf(['metadata'], { triggerMetadata: { sequenceNumberArray } });
    assert.deepEqual(metadata.sequenceNumberArray, [5, -1, 4294967295, 4294967296, 2 ** 64 - 2 ** 32]);
  });

  for (const [path, blob, params] of [
    ['pictures/{name}.{ext}', 'pictures/a/b.c.png', { name: 'a/b.c', ext: 'png' }],
    ['pictures/{name}', 'pictures/1e3', { name: '1e3' }],
    ['pictures/{{{name}}}+', 'pictures/{0123}+', { name: '0123' }],
    ['%CONTAINER%/{Name}', 'pictures/x', { Name: 'x' }],
    ['%container%/{name}', 'pictures/x', { name: 'x' }],
    ['%In:Container%/{name}', 'pictures/x', { name: 'x' }],
    ['pictures/{name}', 'others/x', {}],
    ['pictures', 'pictures/x', {}],
  ]) {
    test(`has the parameters of the path ${path}`, async () => {
      process.env.CONTAINER = 'pictures';
      process.env.IN__CONTAINER = 'pictures';
      const trigger = { type: 'blobTrigger', path };
      const init = { triggerMetadata: { blobTrigger: blob, name: 'parsed' } };
      assert.deepEqual((await headOf(['params'], init, trigger)).params, params);
    });
  }
});
