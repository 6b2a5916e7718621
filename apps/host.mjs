// Starts an app under the local host, for the tests and figures of the apps and guests.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The command. */
export const bluecrab =
  process.env.BLUECRAB ?? fileURLToPath(new URL('../target/tools/bluecrab', import.meta.url));
const START_LIMIT_MS = 120_000;

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill();
});

/** Ends a program when this process ends, even by an error. */
export function endWithThisProcess(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/** Starts `bluecrab dev FOLDER` on a free port, without a build, and waits until it is ready. */
export async function startHost(folder, { env = {}, flags = [] } = {}) {
  const started = performance.now();
  const child = spawn(bluecrab, ['dev', folder, '--no-build', '--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  endWithThisProcess(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
  }
  const ready = () => /^Ready on http:\/\/localhost:(\d+)/m.exec(printed);
  while (!ready()) {
    if (child.exitCode !== null || performance.now() - started > START_LIMIT_MS) {
      child.kill();
      throw new Error(`${folder} does not start:\n${printed}`);
    }
    await sleep(5);
  }
  const port = Number(ready()[1]);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    process: child.pid,
    /** When the process was started, by `performance.now()`. */
    started,
    printed: () => printed,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      return child.exitCode;
    },
  };
}
