// The spans that `bluecrab dev --otlp` sends, as a collector gets them.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startHost } from '../../host.mjs';

const PATIENCE_MS = 120_000;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const spans = [];
let collector;
let host;

before(async () => {
  collector = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString());
    for (const { resource, scopeSpans } of resourceSpans) {
      const { attributes } = resource;
      for (const { scope, spans: all } of scopeSpans) {
        const { url, headers } = request;
        for (const span of all) spans.push({ ...span, attributes: valuesOf(span.attributes), scope, url });
        assert.equal(headers['content-type'], 'application/json');
        const { 'telemetry.sdk.version': version, ...others } = valuesOf(attributes);
        assert.match(version, /^\d+\.\d+\.\d+/);
        assert.deepEqual(others, {
          'service.name': 'the-app',
          'telemetry.sdk.name': 'bluecrab-host',
          'telemetry.sdk.language': 'rust',
          'deployment.environment.name': 'test',
        });
      }
    }
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  host = await startHost(fileURLToPath(new URL('..', import.meta.url)), {
    env: {
      'AzureWebJobs.timer-tick.Disabled': 'true',
      AzureWebJobsStorage: '',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=the-app',
    },
    flags: ['--otlp', `http://127.0.0.1:${collector.address().port}/`],
  });
});
after(async () => {
  await host?.stop();
  collector.close();
});

/** Returns the attributes of a span or a resource by name. */
function valuesOf(attributes) {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  );
}

/** Waits for the span of an invocation. */
async function spanOf(isWanted) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) {
    const found = spans.filter(isWanted);
    if (found.length > 0) return found[0];
  }
  throw new Error(`the collector did not get the span:\n${JSON.stringify(spans)}\n${host.printed()}`);
}

async function invocation(headers = {}) {
  const response = await fetch(`${host.url}/api/http-invocation`, { headers });
  return response.json();
}

const byId = (id) => (span) => span.attributes['faas.invocation_id'] === id;

test('a request has a span below its caller, and the function knows it', async () => {
  const { id, traceparent } = await invocation({ traceparent: `00-${TRACE}-${CALLER}-01` });
  const { traceId, spanId, parentSpanId, name, kind, attributes, status, scope, url, ...times } =
    await spanOf(byId(id));
  assert.equal(traceparent, `00-${TRACE}-${spanId}-01`);
  assert.deepEqual([traceId, parentSpanId, name, kind], [TRACE, CALLER, 'http-invocation', 2]);
  assert.deepEqual(attributes, {
    'faas.name': 'the-app/http-invocation',
    'faas.trigger': 'http',
    'faas.invocation_id': id,
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': '/api/http-invocation',
    'http.route': '/api/http-invocation',
    'http.response.status_code': 200,
  });
  assert.deepEqual([status, scope.name, url], [undefined, 'bluecrab-host', '/v1/traces']);
  assert.ok(BigInt(times.endTimeUnixNano) > BigInt(times.startTimeUnixNano));
});

test('requests at once each have a trace of their own', async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () => invocation()));
  for (const { id, traceparent } of all) {
    const { traceId, spanId, parentSpanId } = await spanOf(byId(id));
    assert.deepEqual([traceparent, parentSpanId], [`00-${traceId}-${spanId}-01`, undefined]);
  }
  assert.equal(new Set(all.map(({ traceparent }) => traceparent)).size, all.length);
});

test('a function that another trigger calls has a span, which says why it failed', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ input: 'problem' });
  await fetch(`${host.url}/admin/functions/queue-fail`, { method: 'POST', headers, body });
  const { kind, status, attributes } = await spanOf(({ name }) => name === 'queue-fail');
  const { 'faas.trigger': trigger, 'error.type': error } = attributes;
  assert.deepEqual([kind, trigger, error], [5, 'pubsub', '_OTHER']);
  assert.equal(status.code, 2);
  assert.match(status.message, /the message is a problem/);
});

test('a trace that the caller does not record has no span, and the function gets the trace of the caller', async () => {
  const { id, traceparent } = await invocation({ traceparent: `00-${TRACE}-${CALLER}-00` });
  assert.equal(traceparent, `00-${TRACE}-${CALLER}-00`);
  // Spans are sent in their order.
  await spanOf(byId((await invocation()).id));
  assert.equal(spans.find(byId(id)), undefined);
});

test('the last spans are sent before the host ends', async () => {
  const { id } = await invocation();
  assert.equal(await host.stop(), 0);
  assert.ok(spans.find(byId(id)));
});
