// Threads that cannot start, because a file that Node.js loads at the start of each thread throws.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startHost } from './host.mjs';

describe('a thread that cannot start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bluecrab-threads-'));
  let host;
  before(async () => {
    const file = join(folder, 'preload.cjs');
    writeFileSync(
      file,
      `if (!require('node:worker_threads').isMainThread) throw new Error('no thread today');`,
    );
    host = await startHost({ env: { NODE_OPTIONS: `--require=${file}` } });
  });
  after(async () => {
    await host?.stop();
    rmSync(folder, { recursive: true });
  });

  test('is answered with 500, and the log says why', async () => {
    for (let count = 0; count < 3; count++) {
      const answer = await host.fault('holds', '100 it', 500, /^the function failed; its log says why$/);
      await host.logged(
        answer,
        'error',
        /function holds was not called: a worker thread cannot start: no thread/,
      );
    }
  });
});
