// The app under the local host: requests, what the log says of each, and what the processes hold.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startHost as start } from '../../host.mjs';
import { expectedOf, nextBody, tally } from './tally.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const PATIENCE_MS = 60_000;

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until a condition gives something true, and gives that. */
export async function eventually(what, condition) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) assert.fail(`${what} never came`);
    await sleep(10);
  }
}

/** Starts the app under a host on a free port. */
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

  /** Starts a POST; gives the request, so that a test can break it off, and its answer. */
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

  /** Sends a POST and gives the answer. */
  send(name, body) {
    return this.start(name, body).answer;
  }

  /** A request that is at fault; what it is to be answered is asserted. */
  async fault(name, body, status, detail) {
    tally.faults++;
    const answer = await this.send(name, body);
    assertProblem(answer, status, detail);
    return answer;
  }

  /** A good request, which must be answered right; gives how long it took, in milliseconds. */
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

  /** Sends good requests, so many at once, until told to stop; gives how many, and the longest time. */
  load(clients) {
    let stopped = false;
    let [count, longest] = [0, 0];
    const client = async () => {
      while (!stopped) {
        longest = Math.max(longest, await this.good());
        count++;
      }
    };
    const running = Promise.all(Array.from({ length: clients }, client));
    return {
      async stop() {
        stopped = true;
        await running;
        return { count, longest };
      },
    };
  }

  /** Waits until the log of the invocation that gave this answer has the entry. */
  logged({ headers }, level, entry) {
    const id = headers['x-ms-invocation-id'];
    assert.ok(id, 'the answer names no invocation');
    const begins = (line) => line.startsWith(`[${level}] `) && line.includes(` ${id} `);
    return eventually(`${level} ${entry} in the log of ${id}`, () => {
      const lines = this.printed.slice(-200_000).split('\n');
      return lines.some((line, index) => begins(line) && entry.test(`${line}\n${lines[index + 1] ?? ''}`));
    });
  }

  /** Waits until the host has printed this. */
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

  /** Opens a connection and writes a request on it as it is; `answer` is all that came until the host closed it. */
  raw(text) {
    const socket = connect(this.port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (part) => {
      answer += part;
    });
    // The host may close it while there is more to send.
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

/** The answer is a problem whose detail says this, and nothing of the inside. */
export function assertProblem({ status, headers, text }, expected, detail) {
  assert.equal(status, expected, text);
  assert.equal(headers['content-type'], 'application/problem+json', text);
  const problem = JSON.parse(text);
  assert.equal(problem.status, expected);
  assert.match(problem.detail, detail);
  assert.doesNotMatch(text, /panic|wasm|\.rs|purpose/i);
}

/** Whether the system tells of processes the way that these tests read. */
export const readsProcesses = process.platform === 'linux';

/** A process's resident memory in MiB. */
export function residentMiB(pid) {
  const [, kibibytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kibibytes) / 1024;
}
