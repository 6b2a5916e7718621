// Bodies on the proxy path: the message is read directly, but only if nobody else reads it.

import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import functions from '@azure/functions';
import { handler, registerModule } from 'bluecrab';
import { agent, answerTo, call, forward, invoke, iterated, listen } from '../app.mjs';
import { data, declare, ECHO, func, write } from '../guest.mjs';

const { app, HttpRequest } = functions;
const seen = {};
const cookies = ['a=1', 'b=YS9i+w==; Partitioned; Path=/', 'c'];
const head = JSON.stringify({ headers: cookies.map((cookie) => ['set-cookie', cookie]) });
const answering = (name, status) =>
  func(
    name,
    `(call $record (i32.const ${status}) (i32.const 1024) (i32.const ${head.length}) (local.get $body) (local.get $body_len))`,
  );
const file = write(
  `${data(1024, head)} ${ECHO} ${func('limited', '(unreachable)')} ${answering('empty', 204)} ${answering('unchanged', 304)} ${answering('cookies', 200)}`,
  ['echo', 'empty', 'unchanged', 'cookies']
    .map((name) => declare(name))
    .concat(declare('limited', { maxBodyBytes: 100_000 })),
  { pages: 256 },
);

/** Returns bytes that differ in each call and at each position. */
function bytes(length, seed = 1) {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let index = 0, word = seed; index < words.length; index++) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    words[index] = word;
  }
  return Buffer.from(words.buffer, 0, length);
}

before(async () => {
  registerModule(file);
  const echo = handler(file, 'echo');
  const wrap = (name, wrapped) => app.http(name, { handler: wrapped });
  wrap('clone-later', async (request, context) => {
    const copy = request.clone();
    const response = await echo(request, context);
    seen.copy = Buffer.from(await copy.arrayBuffer());
    return response;
  });
  wrap('clone-at-once', async (request, context) => {
    const copy = request.clone();
    const [response, read] = await Promise.all([echo(request, context), copy.arrayBuffer()]);
    seen.copy = Buffer.from(read);
    return response;
  });
  wrap('of-clone', (request, context) => echo(request.clone(), context));
  wrap('replaced', (request, context) => {
    const body = { bytes: Buffer.from('another') };
    return echo(new HttpRequest({ url: request.url, method: 'POST', body, headers: {} }), context);
  });
  const failing = (error) => (request, context) => {
    const body = new ReadableStream({ pull: (controller) => controller.error(error) });
    const init = { method: 'POST', body, duplex: 'half' };
    return echo(new HttpRequest({ nativeRequest: new Request(request.url, init) }), context);
  };
  const answerCookies = handler(file, 'cookies');
  wrap('adds-cookie', async (request, context) => {
    const response = await answerCookies(request, context);
    return { ...response, cookies: [{ name: 'd', value: '4' }] };
  });
  wrap('drops-cookies', async (request, context) => {
    await answerCookies(request, context);
    return { status: 200, headers: { 'set-cookie': 'd=4' } };
  });
  wrap('fails', failing(new Error('the secret is k3y')));
  wrap('fails-oddly', failing('the secret is k3y'));
  wrap('read-before', async (request, context) => {
    seen.copy = Buffer.from(await request.arrayBuffer());
    return echo(request, context);
  });
  wrap('iterated-before', async (request, context) => {
    for await (const _ of request.body);
    return echo(request, context);
  });
  wrap('read-in-part', async (request, context) => {
    const reader = request.body.getReader();
    await reader.read();
    reader.releaseLock();
    return echo(request, context);
  });
  wrap('being-read', async (request, context) => {
    const reader = request.body.getReader();
    const response = await echo(request, context);
    const chunks = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
    seen.late = Buffer.concat(chunks);
    return response;
  });
  const cache = new Map();
  wrap('cached', async (request, context) => {
    const key = request.headers.get('content-length');
    if (!cache.has(key)) cache.set(key, await echo(request, context));
    return cache.get(key);
  });
  wrap('reads-answer', async (request, context) => {
    const response = await echo(request, context);
    const body = await new Response(response.body).arrayBuffer();
    return { ...response, body: Buffer.from(body).reverse() };
  });
  const keeping = (name, iterate) =>
    wrap(name, async (request, context) => {
      const { body, ...response } = await echo(request, context);
      for await (const chunk of iterate(body)) seen.kept = chunk;
      return { ...response, body: 'x'.repeat(seen.kept.length) };
    });
  keeping('keeps-chunk', (body) => body);
  keeping('keeps-value', (body) => body.values());
  await listen();
});
after(() => {
  agent.destroy();
  setImmediate(() => process.exit());
});

describe('the request body', () => {
  for (const length of [0, 1, 1000, 65_536, 70_000, 3_000_000]) {
    test(`of ${length} bytes is read without a web stream`, async () => {
      const before = iterated;
      const body = bytes(length);
      const answer = await call('echo', body);
      assert.equal(answer.status, 200);
      assert.ok(answer.body.equals(body));
      if (length > 0) assert.equal(answer.headers['content-length'], String(length));
      assert.equal(iterated, before);
    });
  }

  test('is read if it is chunked and written slowly', async () => {
    const { id, request } = forward('echo');
    const invoked = invoke('echo', id);
    for (const part of ['one ', 'two ', 'three']) {
      request.write(part);
      await sleep(10);
    }
    request.end();
    const answer = await answerTo(request);
    await invoked;
    assert.equal(answer.body.toString(), 'one two three');
  });

  test('is read if two arrive at once, chunk by chunk in turn', async () => {
    const given = [bytes(400_000, 2), bytes(400_000, 3)];
    const calls = given.map((body) => {
      const { id, request } = forward('echo', { agent: false, headers: { 'content-length': body.length } });
      return { body, request, invoked: invoke('echo', id), answered: answerTo(request) };
    });
    for (let at = 0; at < 400_000; at += 50_000) {
      for (const { body, request } of calls) request.write(body.subarray(at, at + 50_000));
      await sleep(2);
    }
    for (const { body, request, invoked, answered } of calls) {
      request.end();
      assert.ok((await answered).body.equals(body));
      await invoked;
    }
  });

  for (const length of [10, 500_000]) {
    const body = bytes(length, 4);
    for (const name of ['clone-later', 'clone-at-once', 'of-clone']) {
      test(`of ${length} bytes, ${name}: every copy is complete`, async () => {
        delete seen.copy;
        const answer = await call(name, body);
        assert.ok(answer.body.equals(body));
        if (name !== 'of-clone') assert.ok(seen.copy.equals(body));
      });
    }

    test(`of ${length} bytes is the new one if a hook replaces the request`, async () => {
      assert.equal((await call('replaced', body)).body.toString(), 'another');
      assert.ok((await call('echo', body)).body.equals(body), 'the connection serves on');
    });

    test(`of ${length} bytes is refused if a hook has read it`, async () => {
      for (const name of ['read-before', 'iterated-before', 'read-in-part', 'being-read']) {
        const { status, log } = await call(name, body);
        assert.equal(status, 500, name);
        assert.match(log[0][1], /echo was not called: the app has read the request's body before/, name);
      }
      assert.ok(seen.copy.equals(body));
      assert.ok(seen.late.equals(body), 'the reader before goes on');
      assert.ok((await call('echo', body)).body.equals(body), 'the connection serves on');
    });
  }

  test('is answered with 413 if it is too long, declared or not, and the connection stays open', async () => {
    const long = bytes(2_000_000);
    const before = await call('echo', 'x');
    for (const headers of [{ 'content-length': long.length }, { 'transfer-encoding': 'chunked' }]) {
      const answer = await call('limited', long, { headers });
      assert.equal(answer.status, 413);
      assert.equal(answer.port, before.port);
      assert.equal((await call('echo', 'x')).port, before.port);
    }
  });

  test('is answered with 400 if it cannot be read, and only the log has the reason', async () => {
    for (const name of ['fails', 'fails-oddly']) {
      const answer = await call(name, 'x');
      assert.equal(answer.status, 400);
      assert.doesNotMatch(answer.body.toString(), /k3y/);
      assert.equal(answer.log.filter(([, entry]) => entry.includes('k3y')).length, 1);
    }
  });

  test('does not reach the function if it breaks off, and the next call is answered', async () => {
    const { id, request } = forward('echo', { agent: false, headers: { 'content-length': 1_000_000 } });
    request.on('error', () => {});
    const arrived = arrivals(id);
    const invoked = invoke('echo', id);
    request.write(bytes(300_000));
    await arrived(1);
    request.destroy();
    const log = await invoked;
    assert.deepEqual(
      log.map(([level]) => level),
      ['warning'],
    );
    assert.match(log[0][1], /the connection ended before the body did/);
    assert.equal((await call('echo', 'x')).body.toString(), 'x');
  });
});

describe('the response body', () => {
  test('does not change while others are sent, even if its reader is slow', async () => {
    const given = [bytes(6_000_000, 5), bytes(6_000_000, 6), bytes(6_000_000, 7)];
    const sockets = [];
    for (const body of given) {
      const { id, request } = forward('echo', { agent: false });
      request.end(body);
      const [[response]] = await Promise.all([once(request, 'response'), invoke('echo', id)]);
      // Reads nothing from the socket while the next call runs.
      response.pause();
      sockets.push(response);
    }
    for (const [index, response] of sockets.entries()) {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      assert.ok(Buffer.concat(chunks).equals(given[index]), `response ${index}`);
    }
    assert.ok((await call('echo', given[0])).body.equals(given[0]), 'from a buffer that was used before');
  });

  test('can be read by the caller of the handler', async () => {
    for (const length of [10, 500_000]) {
      const body = bytes(length, 8);
      const answer = await call('reads-answer', body);
      assert.ok(answer.body.equals(Buffer.from(body).reverse()));
    }
  });

  test('is sent once if it is long, and never with the bytes of another', async () => {
    const [short, long] = [bytes(1000, 14), bytes(500_000, 14)];
    for (let count = 0; count < 3; count++) assert.ok((await call('cached', short)).body.equals(short));
    assert.ok((await call('cached', long)).body.equals(long));
    await call('echo', bytes(500_000, 15));
    const { id, request } = forward('cached', { agent: false, headers: { 'content-length': long.length } });
    request.on('error', () => {});
    request.end(long);
    await assert.rejects(invoke('cached', id), /disturbed or locked/);
    request.destroy();
  });

  for (const name of ['keeps-chunk', 'keeps-value']) {
    test(`is not overwritten while somebody keeps it: ${name}`, async () => {
      const body = bytes(500_000, 9);
      await call(name, body);
      const { kept } = seen;
      for (let seed = 10; seed < 13; seed++) await call('echo', bytes(500_000, seed));
      assert.ok(body.equals(kept));
    });
  }

  test('is omitted if the status or method forbids it, and the connection stays open', async () => {
    const before = await call('echo', 'x');
    for (const [name, status] of [
      ['empty', 204],
      ['unchanged', 304],
    ]) {
      const answer = await call(name, bytes(100_000));
      assert.equal(answer.status, status);
      assert.equal(answer.body.length, 0);
      const next = await call('cookies', bytes(100_000));
      assert.deepEqual(next.headers['set-cookie'], cookies);
      assert.equal(next.body.length, 100_000);
      assert.equal(next.port, before.port);
    }
    const answer = await call('echo', undefined, { method: 'HEAD' });
    assert.equal(answer.status, 200);
    assert.equal((await call('echo', 'x')).port, before.port);
  });

  test('has the cookies that the caller of the handler adds', async () => {
    assert.deepEqual((await call('adds-cookie', 'x')).headers['set-cookie'], [...cookies, 'd=4']);
    assert.deepEqual((await call('drops-cookies', 'x')).headers['set-cookie'], ['d=4']);
  });

  test('is dropped if the client has disconnected', async () => {
    const { id, request } = forward('echo', { agent: false });
    const body = bytes(6_000_000);
    request.end(body);
    request.on('error', () => {});
    const invoked = invoke('echo', id);
    request.on('response', (response) => response.destroy());
    await invoked;
    assert.ok((await call('echo', body)).body.equals(body));
  });
});

/** Waits until this many messages with an id have arrived. */
function arrivals(id) {
  let count = 0;
  subscribe('http.server.request.start', ({ request }) => {
    if (request.headers['x-ms-invocation-id'] === id) count++;
  });
  return async (wanted) => {
    while (count < wanted) await sleep(1);
  };
}

test('two requests with the same id are kept apart', async () => {
  const { id, request } = forward('echo', { headers: { 'content-length': 4 } });
  const arrived = arrivals(id);
  request.write('on');
  await arrived(1);
  const socket = connect({ port: request.socket.remotePort, host: '127.0.0.1' });
  socket.on('error', () => {});
  const text = `POST /api/echo HTTP/1.1\r\nhost: a\r\nx-ms-invocation-id: ${id}\r\nx-forwarded-host: a\r\nx-forwarded-proto: http\r\ncontent-length: 4\r\n\r\nfour`;
  socket.write(text);
  await arrived(2);
  request.end('e!');
  const [chunk] = await Promise.all([once(socket, 'data'), invoke('echo', id)]);
  assert.match(chunk.toString(), /four$/);
  socket.destroy();
  request.destroy();
});
