// Debugs a new app in Rust as an editor does: over the protocol of Chrome DevTools, which Node.js speaks, and with the
// reader of debug information that VS Code uses. A request stops at a line of src/lib.rs and shows its variables.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
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

const target = fileURLToPath(new URL('../../target/tmp/new', import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bluecrab-debugger-')));
const app = join(folder, 'hello');
const ends = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const end of ends.reverse()) await end();
});

/** Starts `bluecrab dev` with these options. `line` waits for a line, and returns its match. */
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

test('a request stops at a breakpoint in Rust, shows its variables, and is answered', {
  timeout: 2 * PATIENCE_MS,
}, async () => {
  execFileSync(bluecrab, ['new', 'hello'], { cwd: folder });
  const text = readFileSync(join(app, 'src/lib.rs'), 'utf8');
  const line = text.split('\n').findIndex((code) => code.includes('let mean = ')) + 1;

  const host = dev('--debug', '--inspect=0');
  const [, url] = await host.line(/Debugger listening on (ws:\S+)/);
  const [, port] = await host.line(/^Ready on http:\/\/localhost:(\d+)/m);
  const client = await Debugger.attach(url);
  ends.push(() => client.detach());
  const [module, ...others] = client.modules;
  assert.ok(module && others.length === 0, 'there is one module with debug information');
  const symbols = await Symbols.of(client, module);
  ends.push(symbols.dispose);
  const source = symbols.sources.find((source) => source.endsWith('/hello/src/lib.rs'));
  assert.ok(source?.endsWith(join(app, 'src/lib.rs')), `${source} is the path of the source`);
  const ranges = await symbols.ranges(module, source, line);
  const location = { scriptId: module.scriptId, ...ranges[0].start };
  const { breakpointId } = await client.send('Debugger.setBreakpoint', { location });

  const answer = fetch(`http://127.0.0.1:${port}/api/statistics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '[1, 2, 6]',
  });
  const { callFrames, hitBreakpoints } = await client.paused();
  assert.deepEqual(hitBreakpoints, [breakpointId]);
  const [frame] = callFrames;
  assert.deepEqual(await symbols.source(frame.location), { name: 'hello::statistics', source, line });
  const variables = await symbols.variables(frame.location);
  for (const name of ['numbers', 'count']) assert.ok(variables.includes(name), `${name}: ${variables}`);
  assert.equal(await symbols.variable('count', frame), '3');
  // A step leaves all parts of the line, as an editor asks for.
  await client.send('Debugger.stepOver', { skipList: ranges });
  const [next] = (await client.paused()).callFrames;
  assert.deepEqual(await symbols.source(next.location), {
    name: 'hello::statistics',
    source,
    line: line + 1,
  });
  assert.equal(await symbols.variable('mean', next), '3');
  // The stop is longer than the deadline of the function, and than functionTimeout.
  await sleep(SECONDS * 1000 + DEADLINE_MS);
  await client.send('Debugger.removeBreakpoint', { breakpointId });
  await client.send('Debugger.resume');
  const response = await answer;
  assert.deepEqual([response.status, (await response.json()).mean], [200, 3]);
  await host.stop();
});
