// Starts the app in the local host, sends requests, and reads the log and the memory of the processes.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startHost as start } from '../../host.mjs';
import { expectedOf, nextBody, tally } from './tally.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const PATIENCE_MS = 60_000;

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until a condition returns a true value, and returns it. */
export async function eventually(what, condition) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`);
    await sleep(10);
  }
}

/** Starts the app in a host on a free port. */
export async function startHost(options) {
  return new Host(await start(path('..'), options));
}

class Host {
  #host;
  #agent = new Agent({ keepAlive: true });

  constructor(host) {
    this.#host = host;
  }

  get port() {
    return this.#host.port;
  }

  get printed() {
    return this.#host.printed();
  }

  get process() {
    return this.#host.process;
  }

  /** Starts a POST request. Returns the request, so that a test can break it off, and the promise of its answer. */
  start(name, body = '') {
    const { port } = this;
    const headers = { 'content-length': Buffer.byteLength(body) };
    const url = {
      host: '127.0.0.1',
      port,
      path: `/api/${name}`,
      method: 'POST',
      headers,
      agent: this.#agent,
    };
    const outgoing = request(url);
    outgoing.end(body);
    const answer = once(outgoing, 'response').then(async ([response]) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      const { statusCode: status, headers } = response;
      return { status, headers, text: Buffer.concat(chunks).toString() };
    });
    return { outgoing, answer };
  }

  /** Sends a POST request and returns the answer. */
  send(name, body) {
    return this.start(name, body).answer;
  }

  /** Sends a faulty request and asserts that the answer is this problem. */
  async fault(name, body, status, detail) {
    tally.faults++;
    const answer = await this.send(name, body);
    assertProblem(answer, status, detail);
    return answer;
  }

  /** Sends a good request and asserts that the answer is right. Returns how many milliseconds it took. */
  async good(name = 'good') {
    const body = nextBody(name === 'good-small' ? 60_000 : 300_000);
    const start = performance.now();
    const { status, text } = await this.send(name, body);
    const time = performance.now() - start;
    tally.good++;
    if (status === 200 && text === expectedOf(body)) return time;
    tally.wrong++;
    assert.fail(`a good request of ${body.length} bytes was answered ${status} ${text}`);
  }

  /** Sends good requests from several clients until `stop`, which returns their number. */
  load(clients) {
    let stopped = false;
    let count = 0;
    const client = async () => {
      while (!stopped) {
        await this.good();
        count++;
      }
    };
    const running = Promise.all(Array.from({ length: clients }, client));
    return {
      async stop() {
        stopped = true;
        await running;
        return count;
      },
    };
  }

  /** Waits until the log of the invocation with this answer contains the entry. */
  logged({ headers }, level, entry) {
    const id = headers['x-ms-invocation-id'];
    assert.ok(id, 'the answer has no x-ms-invocation-id');
    const begins = (line) => line.startsWith(`[${level}] `) && line.includes(` ${id} `);
    return eventually(`${level} ${entry} in the log of ${id}`, () => {
      const lines = this.printed.slice(-200_000).split('\n');
      return lines.some((line, index) => begins(line) && entry.test(`${line}\n${lines[index + 1] ?? ''}`));
    });
  }

  /** Waits until the host has printed a text. */
  printedThat(text) {
    return eventually(text, () => this.printed.includes(text));
  }

  async status() {
    const response = await fetch(`http://127.0.0.1:${this.port}/admin/host/status`);
    return response.json();
  }

  async workerProcess() {
    return (await this.status()).workerProcessId;
  }

  /** Opens a connection and writes a raw request. `answer` returns what the host has sent so far. */
  raw(text) {
    const socket = connect(this.port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (part) => {
      answer += part;
    });
    // The host may close the connection before everything is sent.
    socket.on('error', () => undefined);
    socket.write(text);
    const closed = once(socket, 'close').then(() => answer);
    return { socket, closed, answer: () => answer };
  }

  async stop() {
    this.#agent.destroy();
    await this.#host.stop();
  }
}

/** Asserts that the answer is a problem with this detail, and reveals no internals. */
export function assertProblem({ status, headers, text }, expected, detail) {
  assert.equal(status, expected, text);
  assert.equal(headers['content-type'], 'application/problem+json', text);
  const problem = JSON.parse(text);
  assert.equal(problem.status, expected);
  assert.match(problem.detail, detail);
  assert.doesNotMatch(text, /panic|wasm|\.rs|purpose/i);
}

/** Whether the system describes processes in /proc, which these tests read. */
export const readsProcesses = process.platform === 'linux';

/** The resident memory of a process in MiB. */
export const residentMiB = (pid) => statusMiB(pid, 'VmRSS');

/** The most resident memory of a process since `resetPeak`, in MiB. */
export const peakMiB = (pid) => statusMiB(pid, 'VmHWM');

/** Lets the peak of a process begin at its present memory. */
export const resetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, '5');

function statusMiB(pid, name) {
  const [, kibibytes] = new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kibibytes) / 1024;
}
