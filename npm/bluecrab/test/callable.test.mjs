// Calls functions of modules from JavaScript.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import functions from '@azure/functions';
import { CallError, callable } from 'bluecrab/callable';
import { build } from 'esbuild';
import { rehearsed } from './guest.mjs';
import { answering, writeGuest } from './trigger/guest.mjs';

const { HttpRequest } = functions;
process.env.BLUECRAB_THREADS = '1';

const TRIGGER = { trigger: { type: 'callable' } };
const OUTPUTS = [{ name: 'jobs', type: 'queue' }];
const guest = writeGuest(
  ['reply', { ...TRIGGER, outputs: OUTPUTS }],
  ['echo', { ...TRIGGER, maxBodyBytes: 1000 }],
  ['fail', TRIGGER],
  ['trap', TRIGGER],
  ['loop', { ...TRIGGER, timeoutMs: 100 }],
  ['hang', { ...TRIGGER, timeoutMs: 60_000 }],
  ['redirect', {}],
);
const quiet = { log: () => undefined };
const echo = callable(guest, 'echo', quiet);

describe('a callable', () => {
  for (const [what, body, expected] of [
    ['bytes', Buffer.of(0, 0xff), Buffer.of(0, 0xff)],
    ['an array buffer', new Uint8Array([97]).buffer, 'a'],
    ['an array buffer of another realm', runInNewContext('new Uint8Array([97]).buffer'), 'a'],
    ['memory that threads share', new SharedArrayBuffer(2), Buffer.of(0, 0)],
    ['a string', 'Zoë', 'Zoë'],
    ['an object', { a: [1] }, '{"a":[1]}'],
    ['a list', [1, 2], '[1,2]'],
    ['nothing', undefined, ''],
  ]) {
    test(`takes ${what}, and returns bytes`, async () => {
      const result = await echo(body);
      assert.ok(result instanceof Uint8Array);
      assert.deepEqual(Buffer.from(result), Buffer.from(expected));
      assert.equal(result.status, 200);
      assert.deepEqual(result.outputs, []);
    });
  }

  test('leaves the bytes of the caller as they are', async () => {
    const bytes = Buffer.alloc(900, 'x');
    const results = await Promise.all([echo(bytes), echo(bytes)]);
    for (const result of results) assert.deepEqual(Buffer.from(result), Buffer.alloc(900, 'x'));
  });

  test('returns a result that reads as text and as JSON, and slices into plain bytes', async () => {
    const result = await echo('{"a":1}');
    assert.equal(result.text(), '{"a":1}');
    assert.deepEqual(result.json(), { a: 1 });
    assert.deepEqual(result.slice(0, 1), Uint8Array.of(0x7b));
    assert.equal(result.subarray(1).constructor, Uint8Array);
  });

  test('passes the head', async () => {
    const log = [];
    await echo('', { head: { method: 'GET' }, log: (...entry) => log.push(entry) });
    assert.deepEqual(log, [['information', '{"method":"GET"}']]);
  });

  test('returns outputs apart from the result', async () => {
    const reply = callable(guest, 'reply', quiet);
    const result = await reply(answering([['jobs', 'one', 'text']], 'done'));
    assert.equal(result.text(), 'done');
    const [{ name, kind, bytes }] = result.outputs;
    assert.deepEqual([name, kind, String(bytes)], ['jobs', 'text', 'one']);
  });

  test('calls a function with another trigger', async () => {
    assert.equal((await callable(guest, 'redirect')('here')).status, 302);
  });

  test('may have all calls at once, more than can wait for HTTP', async () => {
    const results = await Promise.all(Array.from({ length: 1000 }, (_, index) => echo(String(index))));
    assert.deepEqual(
      results.map((result) => result.json()),
      results.map((_, index) => index),
    );
  });

  test('runs short calls on the event loop', async () => {
    const file = writeGuest(['echo', { ...TRIGGER, run: 'auto' }]);
    const short = callable(file, 'echo', quiet);
    assert.equal((await short('a')).text(), 'a');
    await rehearsed();
    assert.equal((await short('b')).text(), 'b');
  });

  test('goes on if its log throws', async () => {
    const { error } = console;
    const printed = [];
    console.error = (text) => printed.push(text);
    try {
      const log = () => {
        throw new Error('full');
      };
      assert.equal((await echo('a', { log, head: {} })).text(), 'a');
    } finally {
      console.error = error;
    }
    assert.deepEqual(printed, ['the log of a callable failed, and this entry was not logged: {}']);
  });
});

describe('a call that fails', () => {
  const rejects = (call, expected) =>
    assert.rejects(call, (error) => {
      assert.ok(error instanceof CallError);
      const { name, kind, status, message } = error;
      assert.deepEqual(
        { name, kind, status, message },
        { name: 'CallError', status: undefined, ...expected },
      );
      return true;
    });

  test('says what the function says', () =>
    rejects(callable(guest, 'fail', quiet)('no such row'), {
      kind: 'failed',
      status: 422,
      message: 'no such row',
    }));

  test('says that it trapped', () =>
    rejects(callable(guest, 'trap', quiet)(), {
      kind: 'trap',
      message: 'function trap failed in WebAssembly: unreachable',
    }));

  test('says that it exceeded its deadline, or the deadline of the call', async () => {
    const loop = callable(guest, 'loop', quiet);
    const ended = (ms) => `function loop was ended: it has run for ${ms} ms, its deadline`;
    await rejects(loop(), { kind: 'deadline', message: ended(100) });
    await rejects(loop('', { timeoutMs: 50 }), { kind: 'deadline', message: ended(50) });
    const shorter = callable(guest, 'loop', { ...quiet, timeoutMs: 70 });
    await rejects(shorter('', { timeoutMs: undefined }), { kind: 'deadline', message: ended(70) });
    assert.equal((await echo('x')).text(), 'x');
  });

  test('says that its arguments are wrong', async () => {
    await assert.rejects(echo('x'.repeat(1001)), {
      name: 'RangeError',
      message: 'the body has 1001 bytes, more than the 1000 that function echo accepts',
    });
    const request = new HttpRequest({ url: 'http://localhost/', method: 'POST', body: { string: 'x' } });
    const streams = [new Response('x').body, Readable.from(['x'])];
    for (const body of [Promise.resolve('x'), new Blob(['x']), request, ...streams]) {
      const message = `the body is a ${body.constructor.name}: await it, or read it first`;
      await assert.rejects(echo(body), { name: 'TypeError', message });
    }
    await assert.rejects(
      echo(() => 1),
      { name: 'TypeError', message: 'JSON has no value of the type function' },
    );
    const named = '{"then":"x","arrayBuffer":1}';
    assert.equal((await echo(JSON.parse(named))).text(), named);
    await assert.rejects(echo('', { timeoutMs: 0 }), /timeoutMs must be a whole number from 1/);
    assert.throws(() => callable(guest, 'gone'), /has no function "gone"; it has reply, echo/);
  });
});

describe('an abort', () => {
  const hang = callable(guest, 'hang');
  const reason = new Error('enough');
  const rejects = (call) => assert.rejects(call, (error) => error === reason);

  test('before the call lets it not run', async () => {
    const log = [];
    const signal = AbortSignal.abort(reason);
    await rejects(echo('x', { signal, log: (...entry) => log.push(entry) }));
    assert.deepEqual(log, []);
  });

  test('ends a running call, and the next call runs', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    // The function has logged its head, so it runs.
    await rejects(hang('', { signal, head: {}, log: () => controller.abort(reason) }));
    assert.equal((await echo('x')).text(), 'x');
  });

  test('removes a waiting call from the queue', async () => {
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = hang('', { signal: running.signal, ...quiet });
    const removed = echo('x', { signal: waiting.signal });
    const next = echo('y');
    waiting.abort(reason);
    await rejects(removed);
    running.abort(reason);
    await rejects(first);
    assert.equal((await next).text(), 'y');
  });

  test('after the call does nothing', async () => {
    const controller = new AbortController();
    const result = await echo('x', { signal: controller.signal });
    controller.abort(reason);
    assert.equal(result.text(), 'x');
  });
});

describe('any program', () => {
  const folder = mkdtempSync(fileURLToPath(new URL('./program-', import.meta.url)));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

  function run(path) {
    const { stdout, stderr, status } = spawnSync(process.execPath, [path, guest], { encoding: 'utf8' });
    assert.equal(stdout, 'hello 0\n');
    assert.equal(stderr, '[information] echo: {"a":1}\n');
    assert.equal(status, 0);
  }

  const check = `
    const loaded = Object.keys(require.cache).filter((file) => file.includes('@azure/functions'));
    const called = callable(process.argv[2], 'echo')('hello', { head: { a: 1 } });
    called.then((result) => console.log(result.text(), loaded.length));`;
  for (const [file, text] of [
    ['program.cjs', `const { callable } = require('bluecrab/callable');${check}`],
    [
      'program.mjs',
      `import { createRequire } from 'node:module';
      import { callable } from 'bluecrab/callable';
      const require = createRequire(import.meta.url);${check}`,
    ],
  ]) {
    test(`can call a function without @azure/functions, and ends after it: ${file}`, () => {
      const path = join(folder, file);
      writeFileSync(path, text);
      run(path);
    });
  }

  test('can be bundled without @azure/functions', async () => {
    const entry = join(folder, 'entry.mjs');
    writeFileSync(entry, `import { callable } from 'bluecrab/callable';${check}`);
    const outfile = join(tmpdir(), `bluecrab-bundle-${process.pid}.cjs`);
    try {
      await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs' });
      run(outfile);
    } finally {
      rmSync(outfile, { force: true });
    }
  });
});
