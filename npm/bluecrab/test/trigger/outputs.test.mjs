// What a function that HTTP does not call returns: its outputs, its return value, its errors.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { handler } from 'bluecrab';
import fc from 'fast-check';
import { rehearsed, tasks } from '../guest.mjs';
import { answering, fire, fireWith, writeGuest } from './guest.mjs';

process.env.BLUECRAB_THREADS = '1';
process.env.BLUECRAB_QUEUE = '0';

// Each run has the same cases.
fc.configureGlobal({ seed: 2019 });

const QUEUE = { type: 'queueTrigger', queueName: 'jobs' };
const TYPES = ['blob', 'queue', 'eventHub', 'serviceBus', 'table', 'cosmosDB', 'eventGrid', 'sendGrid'];
const OUTPUTS = TYPES.map((type) => ({ name: type, type }));
const guest = writeGuest(
  ['reply', { trigger: QUEUE, outputs: OUTPUTS }],
  ['fail', { trigger: QUEUE, outputs: OUTPUTS }],
  ['trap', { trigger: QUEUE }],
  ['loop', { trigger: QUEUE, timeoutMs: 100 }],
);

const LONG = '{"id":12345678901234567890,"price":1.0,"rate":1e3,"zero":-0,"text":"1.0"}';
const HAS_EXACT_NUMBERS = 'rawJSON' in JSON;

/** Calls `reply` with items for one output. Returns what the platform gets. */
async function written(name, ...items) {
  const list = items.map(([bytes, kind]) => [name, bytes, kind]);
  const { output } = await fire(guest, 'reply', answering(list, 'ignored'));
  return output(name);
}

describe('an output', () => {
  for (const name of ['queue', 'eventHub', 'blob']) {
    for (const bytes of ['[1,2]', '89e7073266', LONG, '', Buffer.of(0xff, 0)]) {
      test(`to ${name} has the bytes ${JSON.stringify(bytes)}`, async () => {
        assert.deepEqual(await written(name, [bytes, 'text']), Buffer.from(bytes));
      });
    }
  }

  test('of several messages is a list of strings, also if they look like JSON', async () => {
    for (const name of ['queue', 'eventHub', 'serviceBus']) {
      const messages = ['[1,2]', '{"a":1}', '12345678901234567890', '\ufeffmark'];
      assert.deepEqual(await written(name, ...messages.map((message) => [message])), messages);
    }
    assert.deepEqual(await written('serviceBus', ['[1,2]', 'json']), ['[1,2]']);
  });

  for (const [name, items, reason] of [
    [
      'queue',
      [['a'], [Buffer.of(0xff)]],
      /message 2 of the output "queue" is not UTF-8: only a single message/,
    ],
    ['serviceBus', [[Buffer.of(0xff)]], /message 1 of the output "serviceBus" is not UTF-8, but Service Bus/],
    ['blob', [['a'], ['b']], /the output "blob" is a blob, but the function returned 2 of it/],
    ['table', [['{}'], ['{oops']], /item 2 of the output "table" is not JSON: /],
    ['sendGrid', [['a'], [Buffer.of(0xff)]], /message 2 of the output "sendGrid" is not UTF-8/],
  ]) {
    test(`to ${name} that cannot be written fails the call`, async () => {
      await assert.rejects(written(name, ...items), reason);
    });
  }

  for (const name of ['table', 'cosmosDB', 'eventGrid']) {
    test(`to ${name} is JSON, with every number as the function wrote it`, {
      skip: !HAS_EXACT_NUMBERS,
    }, async () => {
      assert.equal(JSON.stringify(await written(name, [LONG, 'json'])), LONG);
      assert.equal(JSON.stringify(await written(name, [LONG], ['{"a":1}'])), `[${LONG},{"a":1}]`);
    });
  }

  test('of any text, in any number, arrives as it is', async () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { minLength: 2, maxLength: 5 });
    const property = fc.asyncProperty(texts, async (messages) => {
      const { output } = await fire(guest, 'reply', answering(messages.map((message) => ['queue', message])));
      assert.deepEqual(output('queue'), messages);
    });
    await fc.assert(property, { numRuns: 50 });
  });

  test('of another type has its kind', async () => {
    assert.deepEqual(await written('sendGrid', ['[1,2]', 'bytes']), Buffer.from('[1,2]'));
    assert.deepEqual(await written('sendGrid', ['[1,2]', 'text']), '[1,2]');
    assert.deepEqual(await written('sendGrid', ['[1,2]', 'json']), [1, 2]);
    assert.deepEqual(await written('sendGrid', ['a', 'text'], ['{}', 'json']), ['a', {}]);
  });

  test('that the function does not name is not written', async () => {
    const { output, returned } = await fire(guest, 'reply', answering([['queue', 'a']]));
    assert.equal(output('blob'), undefined);
    assert.equal(returned, undefined);
  });

  test('that ends outside of the body fails the call', async () => {
    const outputs = [{ name: 'queue', offset: 1, length: 3, kind: 'bytes' }];
    await assert.rejects(
      fire(guest, 'reply', `${JSON.stringify({ outputs })}\nabc`),
      /the output "queue", 3 bytes at 1, ends outside of the response body of 3 bytes/,
    );
    await assert.rejects(
      fire(guest, 'reply', '{"body":[4,0]}\nabc'),
      /the body for the client, 0 bytes at 4, ends outside of the response body/,
    );
  });
});

describe('the return value', () => {
  const returned = async (type, message) => {
    const outputs = [{ name: '$return', type }];
    return (await fire(writeGuest(['reply', { trigger: QUEUE, outputs }]), 'reply', message)).returned;
  };

  test('is the body, in the form of the output $return', async () => {
    assert.deepEqual(await returned('queue', '\n[1]'), Buffer.from('[1]'));
    assert.deepEqual(await returned('serviceBus', '\n[1]'), ['[1]']);
    assert.deepEqual(await returned('table', '\n{"a":1}'), { a: 1 });
    assert.deepEqual(await returned('sendGrid', '\n{"a":1}'), { a: 1 });
  });

  test('is missing if the status is 204', async () => {
    const outputs = [{ name: '$return', type: 'queue' }];
    const file = writeGuest(['empty', { trigger: QUEUE, outputs }]);
    assert.equal((await fire(file, 'empty', 'x')).returned, undefined);
  });

  test('that no output takes is a warning, once', async () => {
    const trigger = { type: 'timerTrigger' };
    const file = writeGuest(['reply', { trigger, outputs: OUTPUTS }], ['empty', { trigger }]);
    const handle = handler(file, 'reply');
    const warnings = async (message) => {
      const { log } = await fireWith(handle, 'reply', message);
      return log.filter(([level]) => level === 'warning').map(([, text]) => text);
    };
    assert.deepEqual(await warnings(answering([['queue', 'a']])), []);
    const expected = 'the return value of function reply goes nowhere, because no output takes it';
    assert.deepEqual(await warnings(answering([['queue', 'a']], 'a crab!')), [expected]);
    assert.deepEqual(await warnings(answering([], 'a crab!')), []);
    assert.deepEqual((await fire(file, 'empty', 'x')).log, []);
  });

  test('may be several messages', async () => {
    const message = answering([
      ['$return', 'a'],
      ['$return', 'b'],
    ]);
    assert.deepEqual(await returned('queue', message), ['a', 'b']);
  });

  test('of an MCP tool is text', async () => {
    const file = writeGuest(['echo', { trigger: { type: 'mcpToolTrigger' } }]);
    assert.equal((await fire(file, 'echo', { arguments: { a: 'Zoë' } })).returned, '{"a":"Zoë"}');
    const tool = writeGuest(['reply', { trigger: { type: 'mcpResourceTrigger' } }]);
    await assert.rejects(fire(tool, 'reply', Buffer.of(10, 0xff)), {
      message: 'function reply returned bytes that are not UTF-8, but its result is text',
    });
  });
});

describe('a call that fails', () => {
  test('throws what the function says', async () => {
    await assert.rejects(fire(guest, 'fail', 'no such row'), { message: 'no such row' });
    await assert.rejects(fire(guest, 'fail', ''), { message: 'function fail failed with status 422' });
    await assert.rejects(fire(guest, 'fail', 'x'.repeat(9000)), { message: 'x'.repeat(8192) });
  });

  test('throws if it traps', async () => {
    await assert.rejects(fire(guest, 'trap', ''), {
      message: 'function trap failed in WebAssembly: unreachable',
    });
  });

  test('throws if it exceeds its deadline', async () => {
    await assert.rejects(fire(guest, 'loop', ''), {
      message: 'function loop was ended: it has run for 100 ms, its deadline',
    });
  });
});

describe('many messages', () => {
  test('wait for a thread, even if no HTTP request may wait', async () => {
    const all = Array.from({ length: 200 }, (_, index) => answering([['queue', String(index)]]));
    const fired = await Promise.all(all.map((message) => fire(guest, 'reply', message)));
    fired.forEach(({ output }, index) => {
      assert.deepEqual(output('queue'), Buffer.from(String(index)));
    });
  });

  test('run on the event loop if they are short', async () => {
    const file = writeGuest(['reply', { trigger: QUEUE, outputs: OUTPUTS, run: 'auto' }]);
    const handle = handler(file, 'reply');
    const sent = [];
    for (let message = 0; message < 3; message++) {
      const before = tasks.sent.length;
      const { output } = await fireWith(handle, 'reply', answering([['queue', 'crab']]));
      assert.deepEqual(output('queue'), Buffer.from('crab'));
      await rehearsed();
      sent.push(tasks.sent.slice(before));
    }
    assert.deepEqual(sent, [['module', 'rehearsal'], [], []]);
  });
});
