// HTTP functions with inputs and outputs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import functions from '@azure/functions';
import { handler } from 'bluecrab';
import { rehearsed } from '../guest.mjs';
import { answering, writeGuest } from './guest.mjs';

const { HttpRequest, InvocationContext } = functions;
const MAX_BYTES = 10_000;
process.env.BLUECRAB_BODY_BYTES = String(MAX_BYTES);
const OUTPUTS = [{ name: 'jobs', type: 'queue', queueName: 'jobs' }];
const INPUTS = [{ name: 'row', type: 'table' }];

/** Calls a function over HTTP. Returns its response, its log and its outputs. */
async function post(handle, body, { inputs = {}, ...init } = {}) {
  const log = [];
  const context = new InvocationContext({ logHandler: (level, text) => log.push([level, text]), ...init });
  for (const [name, value] of Object.entries(inputs)) context.extraInputs.set(name, value);
  const bytes = Buffer.from(body);
  const headers = { 'content-length': String(bytes.length) };
  const request = new HttpRequest({
    url: 'http://localhost/api/x',
    method: 'POST',
    headers,
    body: { bytes },
  });
  const response = await handle(request, context);
  return {
    ...response,
    text: String(Buffer.from(response.body ?? '')),
    log,
    jobs: context.extraOutputs.get('jobs'),
  };
}

describe('an HTTP function', () => {
  for (const run of ['pool', 'auto']) {
    test(`has outputs beside its response: ${run}`, async () => {
      const handle = handler(writeGuest(['reply', { outputs: OUTPUTS, run }]), 'reply');
      const message = answering([['jobs', '[1,2]']], 'accepted');
      for (let call = 0; call < 3; call++) {
        const { status, headers, text, jobs } = await post(handle, message);
        assert.equal(status, 200);
        assert.deepEqual(headers, [['content-length', '8']]);
        assert.equal(text, 'accepted');
        assert.deepEqual(jobs, Buffer.from('[1,2]'));
        await rehearsed();
      }
    });

    test(`has inputs after its body: ${run}`, async () => {
      const handle = handler(writeGuest(['echo', { inputs: INPUTS, run }]), 'echo');
      for (let call = 0; call < 3; call++) {
        const { text, log } = await post(handle, 'body', { inputs: { row: { id: 7 } } });
        assert.equal(text, 'body{"id":7}');
        assert.deepEqual(JSON.parse(log[0][1]), { items: [[0, 4]], inputs: { row: [4, 8] } });
        await rehearsed();
      }
      assert.deepEqual(JSON.parse((await post(handle, '')).log[0][1]), { items: [[0, 0]], inputs: {} });
    });
  }

  test('accepts inputs of any length, but they count for the bytes of all bodies', async () => {
    const guest = writeGuest(['echo', { inputs: INPUTS, run: 'pool', maxBodyBytes: 4 }]);
    const handle = handler(guest, 'echo');
    const send = (inputBytes) => post(handle, 'body', { inputs: { row: 'x'.repeat(inputBytes) } });
    assert.equal((await send(MAX_BYTES - 4)).text.length, MAX_BYTES);
    const full = await send(MAX_BYTES - 3);
    assert.deepEqual([full.status, full.headers['retry-after']], [503, '1']);
    assert.match(full.log[0][1], /hold 9997 of 10000 bytes; raise the app setting BLUECRAB_BODY_BYTES/);
    const both = await Promise.all([send(MAX_BYTES / 2), send(MAX_BYTES / 2)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 503]);
    assert.equal((await send(MAX_BYTES - 4)).status, 200);
  });

  test('writes its outputs with any status', async () => {
    const message = '{"outputs":[{"name":"jobs","offset":0,"length":1,"kind":"text"}],"body":[1,2]}\nabc';
    const { text, jobs } = await post(handler(writeGuest(['reply', { outputs: OUTPUTS }]), 'reply'), message);
    assert.equal(text, 'bc');
    assert.deepEqual(jobs, Buffer.from('a'));
    const failing = handler(writeGuest(['fail', { outputs: OUTPUTS }]), 'fail');
    const { status, text: answer, jobs: none } = await post(failing, 'no');
    assert.deepEqual([status, answer, none], [422, 'no', undefined]);
  });

  test('is answered with 500 if its outputs break the ABI, and writes none', async () => {
    const handle = handler(writeGuest(['reply', { outputs: OUTPUTS }]), 'reply');
    const { status, log, jobs } = await post(handle, answering([['gone', 'a']]));
    assert.equal(status, 500);
    assert.match(log.at(-1)[1], /names the output "gone", which the manifest does not have/);
    assert.equal(jobs, undefined);
  });

  test('is answered with 500 if an output cannot be written as it is, and writes none', async () => {
    const outputs = [...OUTPUTS, { name: 'bus', type: 'serviceBus' }];
    const handle = handler(writeGuest(['reply', { outputs }]), 'reply');
    const message = answering([
      ['jobs', 'a'],
      ['bus', Buffer.of(0xff)],
    ]);
    const { status, log, jobs } = await post(handle, message);
    assert.equal(status, 500);
    assert.deepEqual(log.at(-1), [
      'error',
      'function reply failed: message 1 of the output "bus" is not UTF-8, but Service Bus outputs are text',
    ]);
    assert.equal(jobs, undefined);
  });

  test('knows its invocation', async () => {
    const head = ['method', 'invocationId', 'trace', 'metadata'];
    const handle = handler(writeGuest(['echo', { head }]), 'echo');
    const init = { invocationId: 'i1', traceContext: { traceParent: 'p', traceState: 's' } };
    const { log } = await post(handle, '', init);
    assert.deepEqual(JSON.parse(log[0][1]), {
      method: 'POST',
      invocationId: 'i1',
      trace: { traceparent: 'p', tracestate: 's' },
    });
  });
});
