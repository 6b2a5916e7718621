// Drives Chromium over its debugging protocol, through a pipe.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Returns the program, if one is installed. */
export function findChromium() {
  const names = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].filter(Boolean);
  return names.find((name) => spawnSync(name, ['--version']).status === 0);
}

/** Starts Chromium with one empty page. */
export class Chromium {
  #folder = mkdtempSync(path.join(tmpdir(), 'bluecrab-page-'));
  #process;
  #waiting = new Map();
  #next = 1;
  #session;
  /** What went wrong in the page. */
  problems = [];

  static async start(program) {
    const chromium = new Chromium();
    await chromium.#start(program);
    return chromium;
  }

  async #start(program) {
    const options = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
    ];
    const folder = `--user-data-dir=${this.#folder}`;
    this.#process = spawn(program, [...options, folder, '--remote-debugging-pipe', 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    let rest = '';
    this.#process.stdio[4].setEncoding('utf8').on('data', (text) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop();
      for (const message of messages) this.#receive(JSON.parse(message));
    });
    const { targetInfos } = await this.send('Target.getTargets');
    const { targetId } = targetInfos.find(({ type }) => type === 'page');
    this.#session = (await this.send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    for (const domain of ['Page', 'Runtime', 'Log']) await this.send(`${domain}.enable`);
  }

  #receive({ id, result, error, method, params }) {
    if (method === 'Runtime.exceptionThrown') this.problems.push(params.exceptionDetails);
    if (method === 'Log.entryAdded' && params.entry.level === 'error') this.problems.push(params.entry);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }

  /** Sends a command and returns its result. */
  send(method, params = {}) {
    const id = this.#next++;
    const { promise, ...waiting } = withResolvers();
    this.#waiting.set(id, waiting);
    const message = { id, method, params, ...(this.#session ? { sessionId: this.#session } : {}) };
    this.#process.stdio[3].write(`${JSON.stringify(message)}\0`);
    return promise;
  }

  /** Returns the value of an expression in the page. */
  async value(expression) {
    const parameters = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', parameters);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true. */
  async until(expression) {
    const end = Date.now() + 60_000;
    while (!(await this.value(`Boolean(${expression})`))) {
      if (Date.now() > end)
        throw new Error(`not in time: ${expression}\n${await this.value('document.body.innerText')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Presses a key. */
  async press(key, text) {
    const codes = { Tab: 9, Enter: 13, ' ': 32, ArrowDown: 40 };
    const event = { key, code: key === ' ' ? 'Space' : key, windowsVirtualKeyCode: codes[key] };
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, ...(text ? { text } : {}) });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  /** Ends the browser. Its processes end after it when they are told, but not when it is killed. */
  async stop() {
    const { promise, resolve } = withResolvers();
    this.#process.on('close', resolve);
    const limit = setTimeout(() => this.#process.kill('SIGKILL'), 10_000);
    this.#session = undefined;
    this.send('Browser.close').catch(() => undefined);
    await promise;
    clearTimeout(limit);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** `Promise.withResolvers`, which Node.js 20 does not have. */
function withResolvers() {
  let resolve;
  let reject;
  const promise = new Promise((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}
