// The worker's process: it is killed under load, its event loop is blocked, and it listens only on loopback.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { assertProblem, eventually, readsProcesses, sleep, startHost } from './host.mjs';
import { expectedOf, figure, nextBody, tally } from './tally.mjs';

const CLIENTS = 8;

describe('processes', () => {
  let host;
  before(async () => {
    host = await startHost({ env: { BLUECRAB_THREADS: '2' }, flags: ['--worker-timeout', '3'] });
  });
  after(() => host?.stop());

  test('killing the worker under load costs only the calls that it is running', async () => {
    const worker = await host.workerProcess();
    let stopped = false;
    let [right, lost] = [0, 0];
    const client = async () => {
      while (!stopped) {
        const body = nextBody(300_000);
        const answer = await host.send('good', body);
        if (answer.status === 502) {
          assertProblem(
            answer,
            502,
            /^the worker ended during the call; the next call goes to another worker$/,
          );
          lost++;
          continue;
        }
        tally.good++;
        const isRight = answer.status === 200 && answer.text === expectedOf(body);
        if (!isRight) tally.wrong++;
        assert.ok(isRight, `${answer.status} ${answer.text}`);
        right++;
      }
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, client));
    await sleep(300);
    tally.faults++;
    process.kill(worker, 'SIGKILL');
    const next = await eventually('a new worker', async () => {
      const { state, workerProcessId } = await host.status();
      return state === 'Running' && workerProcessId !== worker && workerProcessId;
    });
    await sleep(300);
    stopped = true;
    await clients;
    figure(`kill -9 of the worker under ${CLIENTS} clients: ${lost} x 502, ${right} right answers`);
    assert.ok(lost <= CLIENTS, `${lost} calls were lost`);
    assert.notEqual(next, worker);
    await host.good();
  });

  test('a worker whose event loop is blocked is replaced', async () => {
    const worker = await host.workerProcess();
    const start = performance.now();
    await host.fault(
      'blocks',
      '',
      502,
      /^the worker ended during the call; the next call goes to another worker$/,
    );
    figure(
      `an endless loop in JavaScript, --worker-timeout 3: 502 after ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
    await host.good();
    assert.notEqual(await host.workerProcess(), worker);
  });

  // The platform's own worker listens on all interfaces.
  const skip = !readsProcesses || process.env.BLUECRAB_WORKER_DIR !== undefined;
  test('host and worker listen on the loopback interface only', { skip }, async () => {
    const listeners = [...listening(host.process), ...listening(await host.workerProcess())];
    assert.ok(listeners.length >= 3, `${listeners}: expected two sockets of the host and one of the worker`);
    assert.deepEqual(
      listeners.filter((address) => !isLoopback(address)),
      [],
    );
  });
});

const isLoopback = (address) =>
  address === '0100007F' ||
  address === '00000000000000000000000001000000' ||
  address.endsWith('FFFF00000100007F');

/** The addresses on which a process listens, in hexadecimal as the kernel writes them. */
function listening(pid) {
  const LISTEN = '0A';
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).map((file) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${file}`))?.[1];
      } catch {
        return undefined; // The file was closed in the meantime.
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((kind) => {
    const rows = readFileSync(`/proc/${pid}/net/${kind}`, 'utf8').trim().split('\n').slice(1);
    const fields = rows.map((row) => row.trim().split(/\s+/));
    const own = fields.filter(([, , , state, , , , , , inode]) => state === LISTEN && sockets.has(inode));
    return own.map(([, local]) => local.split(':')[0]);
  });
}
