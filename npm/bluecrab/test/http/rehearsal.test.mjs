// The library rehearses two HTTP exchanges after an app is loaded: a short one, and a long one once the threads are
// prepared. It does so once in a process, so each case runs in a thread of its own.

import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import { Server as HttpServer, ServerResponse } from 'node:http';
import { Server } from 'node:net';
import { mock, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import functions from '@azure/functions';
import { registerModule } from 'bluecrab';
import * as app from '../app.mjs';
import { declare, ECHO, tasks, write } from '../guest.mjs';

/** More turns of the event loop than an exchange needs to start. */
const TURNS = 100;
const DELAY_MS = 100;

/** What an app may do before the rehearsal starts. */
const preparations = {
  nothing: () => undefined,
  'a watcher of requests': () => subscribe('http.server.request.start', () => undefined),
  'a watcher of sockets': () => subscribe('net.server.socket', () => undefined),
  'a tracing library': () => {
    HttpServer.prototype.emit = EventEmitter.prototype.emit;
  },
  'a broken class': () => {
    globalThis.Request = undefined;
  },
  'a forbidden listener': () => {
    Server.prototype.listen = () => {
      throw new Error('EACCES');
    };
  },
  'a first call': call,
};

/** What may happen once the rehearsal has started. */
const interruptions = { 'a first call meanwhile': call };

function call() {
  const request = new functions.HttpRequest({ method: 'GET', url: 'http://localhost/' });
  return app.registered('f').handler(request, new functions.InvocationContext());
}

if (isMainThread) {
  /** Loads an app in a thread. Returns what its rehearsal has done once it has made so many listeners. */
  async function rehearsed(preparation, { listeners = 0, maxBodyBytes } = {}) {
    const file = write(ECHO, [{ ...declare('f', { maxBodyBytes }), export: 'echo' }]);
    const env = { ...process.env, BLUECRAB_THREADS: '1' };
    // Some versions of Node.js warn of the timers that the thread replaces.
    const execArgv = ['--disable-warning=ExperimentalWarning'];
    const options = { workerData: { file, preparation, listeners }, env, execArgv, stderr: true };
    const thread = new Worker(fileURLToPath(import.meta.url), options);
    const errors = thread.stderr.toArray();
    const [report] = await once(thread, 'message');
    return { ...report, errors: Buffer.concat(await errors).toString() };
  }

  test('two exchanges are rehearsed once, and leave nothing behind', async () => {
    assert.deepEqual(await rehearsed('nothing', { listeners: 2 }), {
      listeners: 2,
      answers: [
        [200, 1],
        [200, 1 << 20],
      ],
      // The app registers its function twice.
      tasks: ['warm-up', 'warm-up', 'module'],
      logged: [],
      errors: '',
      resources: [],
    });
  });

  test('no long exchange is rehearsed if a first call comes while the threads are prepared', async () => {
    const { answers, errors } = await rehearsed('a first call meanwhile', { listeners: 1 });
    assert.deepEqual({ answers, errors }, { answers: [[200, 1]], errors: '' });
  });

  for (const [what, preparation, options] of [
    ['without HTTP streaming', 'nothing', { maxBodyBytes: 1 }],
    ['if something else would see the request', 'a watcher of requests'],
    ['if something else would see the connection', 'a watcher of sockets'],
    ['if a tracing library has replaced a method of the server', 'a tracing library'],
    ['after a first call', 'a first call'],
    ['if the app has replaced the class of requests', 'a broken class'],
  ]) {
    test(`no exchange is rehearsed ${what}`, async () => {
      const { listeners, errors } = await rehearsed(preparation, options);
      assert.deepEqual({ listeners, errors }, { listeners: 0, errors: '' });
    });
  }

  test('a rehearsal that may not listen is not reported', async () => {
    const { answers, logged, errors } = await rehearsed('a forbidden listener');
    assert.deepEqual({ answers, logged, errors }, { answers: [], logged: [], errors: '' });
  });
} else {
  const { prototype } = Server;
  const listen = mock.method(prototype, 'listen');
  const close = mock.method(prototype, 'close');
  const answers = [];
  const { end } = ServerResponse.prototype;
  ServerResponse.prototype.end = function (...args) {
    answers.push([this.statusCode, Number(this.getHeader('content-length'))]);
    return end.apply(this, args);
  };
  const turns = async () => {
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
  };
  const logged = [];
  app.core.log = (...entry) => logged.push(entry);

  mock.timers.enable({ apis: ['setTimeout'] });
  registerModule(workerData.file);
  registerModule(workerData.file);
  logged.length = 0;
  await preparations[workerData.preparation]?.();
  mock.timers.tick(DELAY_MS);
  await interruptions[workerData.preparation]?.();
  while (tasks.sent.length === 0 || tasks.running > 0) await nextTurn();
  // The system delivers at any time what an exchange has sent.
  while (listen.mock.callCount() < workerData.listeners) await nextTurn();
  await turns();
  const listeners = listen.mock.callCount();
  while (tasks.running > 0 || close.mock.callCount() < listeners) await nextTurn();
  await turns();
  const resources = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));
  parentPort.postMessage({ listeners, answers, tasks: tasks.sent, logged, resources });
  process.exit();
}
