// The library rehearses one HTTP exchange after an app is loaded. It does so once in a process, so each case runs in a
// thread of its own.

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
  'a first call': () => {
    const request = new functions.HttpRequest({ method: 'GET', url: 'http://localhost/' });
    return app.registered('f').handler(request, new functions.InvocationContext());
  },
};

if (isMainThread) {
  const { declare, ECHO, write } = await import('../guest.mjs');

  /** Loads an app in a thread. Returns what its rehearsal has done, and how the app then answers a call. */
  async function rehearsed(preparation, maxBodyBytes) {
    const file = write(ECHO, [{ ...declare('f', { maxBodyBytes }), export: 'echo' }]);
    const env = { ...process.env, BLUECRAB_THREADS: '1' };
    // Some versions of Node.js warn of the timers that the thread replaces.
    const execArgv = ['--disable-warning=ExperimentalWarning'];
    const options = { workerData: { file, preparation }, env, execArgv, stderr: true };
    const thread = new Worker(fileURLToPath(import.meta.url), options);
    const errors = thread.stderr.toArray();
    const [report] = await once(thread, 'message');
    return { ...report, errors: Buffer.concat(await errors).toString() };
  }

  test('an exchange is rehearsed once, and leaves nothing behind', async () => {
    const expected = { listeners: 1, answers: [200], logged: [], errors: '', resources: [] };
    assert.deepEqual(await rehearsed('nothing'), expected);
  });

  for (const [what, preparation, maxBodyBytes] of [
    ['without HTTP streaming', 'nothing', 1],
    ['if something else would see the request', 'a watcher of requests'],
    ['if something else would see the connection', 'a watcher of sockets'],
    ['if a tracing library has replaced a method of the server', 'a tracing library'],
    ['after a first call', 'a first call'],
    ['if the app has replaced the class of requests', 'a broken class'],
  ]) {
    test(`no exchange is rehearsed ${what}`, async () => {
      const { listeners, errors } = await rehearsed(preparation, maxBodyBytes);
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
    answers.push(this.statusCode);
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
  await preparations[workerData.preparation]();
  mock.timers.tick(DELAY_MS);
  await turns();
  const listeners = listen.mock.callCount();
  while (close.mock.callCount() < listeners) await nextTurn();
  await turns();
  const resources = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));
  parentPort.postMessage({ listeners, answers, logged, resources });
  process.exit();
}
