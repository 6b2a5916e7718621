// An empty home folder, in which programs find nothing of this machine but Node.js, Rust and the two registries.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_LIMIT_MS = 900_000;
const isWindows = process.platform === 'win32';
/** Variables without which programs cannot start. */
const KEPT = ['PATH', 'RUSTUP_TOOLCHAIN', 'TMPDIR', 'SystemRoot', 'ComSpec', 'PATHEXT', 'TEMP', 'TMP'];

/** Makes the home. `folder` is the only folder that is written; `remove` removes it. */
export function makeHome() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bluecrab-release-')));
  const kept = KEPT.filter((name) => process.env[name]).map((name) => [name, process.env[name]]);
  const env = {
    ...Object.fromEntries(kept),
    HOME: folder,
    USERPROFILE: folder,
    LOCALAPPDATA: join(folder, 'cache'),
    // rustup looks for the compilers in the home.
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), '.rustup'),
    // Both apps have the same dependencies.
    CARGO_TARGET_DIR: join(folder, 'target'),
    CARGO_NET_OFFLINE: 'true',
    npm_config_prefix: join(folder, 'npm'),
    npm_config_update_notifier: 'false',
  };
  env.PATH = [join(folder, isWindows ? 'npm' : 'npm/bin'), env.PATH].join(delimiter);

  /** Runs a program that must succeed. Returns what it printed. */
  function run(line, cwd = folder) {
    const [program, ...words] = line.split(' ');
    return new Promise((resolve, reject) => {
      const options = { cwd, env, maxBuffer: 1 << 26, shell: isWindows };
      execFile(program, words, options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${line} (${error.code}):\n${stdout}${stderr}`));
        else resolve(stdout + stderr);
      });
    });
  }

  /** Runs `bluecrab dev` on a free port until it is ready. */
  async function dev(cwd, flags = []) {
    const child = spawn('bluecrab', ['dev', '--port', '0', ...flags], { cwd, env, shell: isWindows });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        printed += text;
      });
    }
    const ready = () => /^Ready on http:\/\/localhost:(\d+)/m.exec(printed);
    const deadline = performance.now() + START_LIMIT_MS;
    while (!ready()) {
      if (child.exitCode !== null || performance.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`bluecrab dev does not start:\n${printed}`);
      }
      await sleep(20);
    }
    const url = `http://127.0.0.1:${ready()[1]}`;
    return {
      url,
      post: async (path, body) => {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(url + path, { method: 'POST', body, headers });
        return [response.status, await response.text()];
      },
      /** Ends it as a system does, and returns its exit code. */
      async stop() {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit');
        return child.exitCode;
      },
    };
  }

  return {
    folder,
    run,
    dev,
    path: (...parts) => join(folder, ...parts),
    /** Writes a file, and the folders above it. */
    write(path, text) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
