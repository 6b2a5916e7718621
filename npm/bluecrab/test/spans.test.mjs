// The spans of calls, with the SDK of OpenTelemetry.

import assert from 'node:assert/strict';
import { afterEach, before, describe, test } from 'node:test';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

process.env.BLUECRAB_THREADS = '1';

const { callable } = await import('bluecrab');
const { call: callByHttp, data, declare, ECHO, func, write } = await import('./guest.mjs');
const { fire, writeGuest } = await import('./trigger/guest.mjs');

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const exporter = new InMemorySpanExporter();
const traceContext = (flags) => ({ traceContext: { traceParent: `00-${TRACE}-${PARENT}-${flags}` } });
const guest = writeGuest(
  ['reply', { trigger: { type: 'queueTrigger' }, head: ['invocationId'] }],
  ['fail', { trigger: { type: 'queueTrigger' } }],
  ['trap', { trigger: { type: 'queueTrigger' } }],
  ['echo', { trigger: { type: 'callable' }, run: 'auto' }],
);

test('without an SDK, a call has no span, and no stage is measured', async () => {
  const answer = await callByHttp(write(ECHO, [declare('echo')]), 'echo', 'a');
  assert.deepEqual([answer.status, answer.body, answer.headers], [200, 'a', [['content-length', '1']]]);
  assert.equal(trace.getActiveSpan(), undefined);
});

describe('with an SDK,', () => {
  before(() => new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register());
  afterEach(() => exporter.reset());

  /** The finished span of a call, and the names and lengths of its stages in milliseconds. */
  function finished() {
    const spans = exporter.getFinishedSpans();
    const calls = spans.filter(({ name }) => name.startsWith('call '));
    assert.equal(calls.length, 1, spans.map(({ name }) => name).join());
    const [call] = calls;
    const below = (parent) =>
      spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent.spanContext().spanId);
    return { call, stages: below(call), below };
  }

  const milliseconds = ([seconds, nanoseconds]) => seconds * 1000 + nanoseconds / 1e6;

  test('a call is below the span that the host has sent, and its stages are below the call', async () => {
    const init = { invocationId: 'one', ...traceContext('01') };
    await fire(guest, 'reply', Buffer.from('{}\nanswer'), init);
    const { call, stages } = finished();
    assert.equal(call.name, 'call reply');
    assert.equal(call.spanContext().traceId, TRACE);
    assert.equal(call.parentSpanContext.spanId, PARENT);
    assert.deepEqual(call.attributes, { 'bluecrab.function': 'reply', 'faas.invocation_id': 'one' });
    assert.equal(call.status.code, SpanStatusCode.UNSET);
    assert.deepEqual(
      stages.map(({ name }) => name),
      ['queue', 'copy-in', 'compute', 'copy-out'],
    );
    const sum = stages.reduce((sum, { duration }) => sum + milliseconds(duration), 0);
    assert.ok(sum > 0 && sum <= milliseconds(call.duration), `${sum} of ${milliseconds(call.duration)} ms`);
    for (const [index, { startTime }] of stages.entries()) {
      const before = index === 0 ? call.startTime : stages[index - 1].endTime;
      assert.ok(milliseconds(startTime) >= milliseconds(before) - 0.001, stages[index].name);
    }
  });

  test('a call is below the span that is active', async () => {
    const tracer = trace.getTracer('test');
    const echo = callable(guest, 'echo', { log: () => undefined });
    await tracer.startActiveSpan('outer', async (outer) => {
      await echo('a');
      outer.end();
    });
    const outer = exporter.getFinishedSpans().find(({ name }) => name === 'outer');
    const { call } = finished();
    assert.equal(call.parentSpanContext.spanId, outer.spanContext().spanId);
    assert.deepEqual(call.attributes, { 'bluecrab.function': 'echo' });
  });

  test('stages that the guest has measured are below compute', async () => {
    const head = JSON.stringify({ headers: [['server-timing', 'parse;dur=1.5, print;desc="a";dur=2, hit']] });
    const record = `(call $record (i32.const 200) (i32.const 2048) (i32.const ${head.length}) (i32.const 0) (i32.const 0))`;
    const file = write(`${data(2048, head)} ${func('f', record)}`, [declare('f')]);
    const { headers } = await callByHttp(file, 'f', 'body');
    // The setting for the header is off.
    assert.deepEqual(headers, [['server-timing', 'parse;dur=1.5, print;desc="a";dur=2, hit']]);
    const { stages, below } = finished();
    const parts = below(stages.find(({ name }) => name === 'compute'));
    assert.deepEqual(
      parts.map(({ name, duration }) => [name, Math.round(milliseconds(duration) * 10)]),
      [
        ['parse', 15],
        ['print', 20],
      ],
    );
    assert.ok(stages.some(({ name }) => name === 'body'));
  });

  test('a call that fails says why', async () => {
    await assert.rejects(fire(guest, 'trap', Buffer.of()));
    const { call, stages } = finished();
    assert.equal(call.status.code, SpanStatusCode.ERROR);
    assert.equal(call.status.message, 'unreachable');
    assert.equal(call.events[0].attributes['exception.message'], 'unreachable');
    assert.deepEqual(stages, []);
  });

  test('a failed message says why, and a client that made a mistake is no failure', async () => {
    await assert.rejects(fire(guest, 'fail', Buffer.from('why')), { message: 'why' });
    assert.deepEqual(finished().call.status, { code: SpanStatusCode.ERROR, message: 'why' });
    const answer = (status) => `(call $record (i32.const ${status}) ${'(i32.const 0)'.repeat(4)})`;
    const names = [400, 500].map((status) => [`f${status}`, status]);
    const text = names.map(([name, status]) => func(name, answer(status))).join('');
    const file = write(
      text,
      names.map(([name]) => declare(name)),
    );
    for (const [name, status] of names) {
      exporter.reset();
      assert.equal((await callByHttp(file, name, '')).status, status);
      const code = status === 500 ? SpanStatusCode.ERROR : SpanStatusCode.UNSET;
      assert.deepEqual(finished().call.status, { code });
    }
  });

  test('a trace that the caller does not record has no spans', async () => {
    const { log } = await fire(guest, 'reply', Buffer.from('{}\n'), traceContext('00'));
    assert.equal(log.length, 1);
    assert.deepEqual(exporter.getFinishedSpans(), []);
  });

  test('the spans of calls at once stay apart', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `call-${index}`);
    await Promise.all(ids.map((invocationId) => fire(guest, 'reply', Buffer.from('{}\n'), { invocationId })));
    const spans = exporter.getFinishedSpans();
    const calls = spans.filter(({ name }) => name === 'call reply');
    assert.deepEqual(calls.map(({ attributes }) => attributes['faas.invocation_id']).sort(), ids.sort());
    assert.equal(new Set(calls.map((call) => call.spanContext().traceId)).size, ids.length);
  });
});
