// Debugs a new app in Rust as an editor does: over the protocol of Chrome DevTools, which Node.js speaks, and with the
// reader of debug information that VS Code uses. A request stops at a line of src/lib.rs and shows its variables, also
// after a change.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bluecrab } from '../host.mjs';
import { Debugger } from './inspector.mjs';
import { Symbols } from './symbols.mjs';

/** Longer than a build of the app takes on a busy machine. */
const PATIENCE_MS = 600_000;
/** Shorter than each stop of this test. */
const DEADLINE_MS = 500;
const SECONDS = Math.ceil(DEADLINE_MS / 1000);
const LISTENS = /Debugger listening on (ws:\S+)/;
const READY = /^Ready on http:\/\/localhost:(\d+)/m;

const target = fileURLToPath(new URL('../../target/tmp/new', import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bluecrab-debugger-')));
const app = join(folder, 'hello');
const lib = join(app, 'src/lib.rs');
const ends = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const end of ends.reverse()) await end();
});

/** Starts `bluecrab dev` with these options. */
function dev(...options) {
  const child = spawn(bluecrab, ['dev', app, '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CARGO_TARGET_DIR: target,
      CARGO_NET_OFFLINE: 'true',
      BLUECRAB_TIMEOUT_STATISTICS: `${DEADLINE_MS}ms`,
      AzureFunctionsJobHost__functionTimeout: `00:00:0${SECONDS}`,
    },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
  }
  const stop = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  ends.push(stop);
  return {
    stop,
    /** Forgets what was printed. */
    forget() {
      printed = '';
    },
    /** Waits for a line, and returns its match. */
    async line(pattern) {
      const end = performance.now() + PATIENCE_MS;
      while (!pattern.test(printed)) {
        assert.ok(
          child.exitCode === null && performance.now() < end,
          `there is no ${pattern} in\n${printed}`,
        );
        await sleep(20);
      }
      return pattern.exec(printed);
    },
  };
}

/** Attaches to a worker, and sets a breakpoint in the line of src/lib.rs that computes the mean. */
async function attach(url) {
  const client = await Debugger.attach(url);
  ends.push(() => client.detach());
  const module = client.module();
  const symbols = await Symbols.of(client, module);
  ends.push(symbols.dispose);
  const source = symbols.sources.find((source) => source.endsWith('/hello/src/lib.rs'));
  assert.ok(source?.endsWith(lib), `${source} is the path of the source`);
  const lines = readFileSync(lib, 'utf8').split('\n');
  const line = lines.findIndex((code) => code.includes('let mean = ')) + 1;
  const ranges = await symbols.ranges(module, source, line);
  const location = { scriptId: module.scriptId, ...ranges[0].start };
  const { breakpointId } = await client.send('Debugger.setBreakpoint', { location });
  const place = { name: 'hello::statistics', source, line };
  return {
    client,
    symbols,
    ranges,
    place,
    /** Waits until a request stops at the breakpoint, and returns the frame. */
    async stop() {
      const { callFrames, hitBreakpoints } = await client.paused();
      assert.deepEqual(hitBreakpoints, [breakpointId]);
      assert.deepEqual(await symbols.source(callFrames[0].location), place);
      assert.equal(await symbols.variable('count', callFrames[0]), '3');
      return callFrames[0];
    },
    /** Removes the breakpoint, and lets the request go on. */
    async resume() {
      await client.send('Debugger.removeBreakpoint', { breakpointId });
      await client.send('Debugger.resume');
    },
  };
}

/** Sends a request, and returns the status and the mean of the response. */
async function call(port) {
  const response = await fetch(`http://127.0.0.1:${port}/api/statistics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '[1, 2, 6]',
  });
  return [response.status, (await response.json()).mean];
}

/** Returns a free port that no system gives to other programs meanwhile: Linux gives those from 32768. */
async function freePort() {
  for (;;) {
    const port = 12_000 + Math.floor(20_000 * Math.random());
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

before(() => execFileSync(bluecrab, ['new', 'hello'], { cwd: folder }));

test('a request stops at a breakpoint in Rust, shows its variables, and is answered', {
  timeout: 2 * PATIENCE_MS,
}, async () => {
  const host = dev('--debug', '--inspect=0');
  const [, url] = await host.line(LISTENS);
  const [, port] = await host.line(READY);
  const { client, symbols, ranges, place, stop, resume } = await attach(url);
  const answer = call(port);
  const frame = await stop();
  const variables = await symbols.variables(frame.location);
  for (const name of ['numbers', 'count']) assert.ok(variables.includes(name), `${name}: ${variables}`);
  // A step leaves all parts of the line, as an editor asks for.
  await client.send('Debugger.stepOver', { skipList: ranges });
  const [next] = (await client.paused()).callFrames;
  assert.deepEqual(await symbols.source(next.location), { ...place, line: place.line + 1 });
  assert.equal(await symbols.variable('mean', next), '3');
  // The stop is longer than the deadline of the function, and than functionTimeout.
  await sleep(SECONDS * 1000 + DEADLINE_MS);
  await resume();
  assert.deepEqual(await answer, [200, 3]);
  await host.stop();
});

test('after a change, a request stops in the new code, on the same port of the debugger', {
  timeout: 2 * PATIENCE_MS,
}, async () => {
  const inspector = await freePort();
  const host = dev('--debug', '--watch', `--inspect=${inspector}`);
  const [, url] = await host.line(LISTENS);
  const [, port] = await host.line(READY);
  const first = await attach(url);
  const answer = call(port);
  await first.stop();
  await first.resume();
  assert.deepEqual(await answer, [200, 3]);

  host.forget();
  // The line of the breakpoint moves, and its result changes.
  const code = readFileSync(lib, 'utf8');
  const changed = code.replace(/^(.*let mean = )(.*);$/m, '    // changed\n$1$2 + 1.0;');
  assert.notEqual(changed, code);
  writeFileSync(lib, changed);
  // The debugger stays attached until the worker ends.
  await first.client.closed;
  const [, next] = await host.line(LISTENS);
  assert.equal(new URL(next).port, String(inspector));
  await host.line(READY);
  const second = await attach(next);
  assert.equal(second.place.line, first.place.line + 1);
  const nextAnswer = call(port);
  await second.stop();
  await second.resume();
  assert.deepEqual(await nextAnswer, [200, 4]);
  await host.stop();
});
