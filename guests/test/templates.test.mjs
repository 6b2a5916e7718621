// Calls and packs the apps that `bluecrab new --lang` made and `bluecrab build` built.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startHost } from '../../apps/host.mjs';

const folder = process.env.TEMPLATES_FOLDER;
const isOld = Number.parseInt(process.versions.node, 10) < 22;

for (const language of readdirSync(folder)) {
  const isComponent = ['javascript', 'python'].includes(language);
  const skip = language === 'python' && isOld && 'it needs Node.js 22';
  describe(`a new app in ${language}`, { skip }, () => {
    const app = join(folder, language);
    let host;
    before(async () => {
      host = await startHost(app);
    });
    after(() => host?.stop());

    const headers = { 'content-type': 'application/json' };
    const call = (body) => fetch(`${host.url}/api/statistics`, { method: 'POST', headers, body });

    it('answers', async () => {
      const answer = await call('[1, 2, 3]');
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/json']);
      assert.deepEqual(await answer.json(), { count: 3, mean: 2, deviation: 0.816496580927726 });
      const one = await call(' [ -5e-1 ]\n');
      assert.deepEqual(await one.json(), { count: 1, mean: -0.5, deviation: 0 });
    });

    it('refuses what is not a list of numbers', async () => {
      for (const body of ['', '[]', '[1, "two"]', '{}', '[1']) {
        assert.deepEqual([(await call(body)).status, body], [400, body]);
      }
    });

    it('follows the module ABI', { skip: isComponent && 'a component has another interface' }, () => {
      const printed = execFileSync(process.env.BLUECRAB, ['check', `${language}.wasm`], {
        cwd: app,
        encoding: 'utf8',
      });
      assert.match(printed, /pass/);
    });

    it('is packed with what is built and without its sources', () => {
      execFileSync(process.env.BLUECRAB, ['package', '--no-build', '--output', 'app.zip'], { cwd: app });
      const list = 'import zipfile; print(*zipfile.ZipFile("app.zip").namelist())';
      const files = execFileSync('python3', ['-c', list], { cwd: app, encoding: 'utf8' }).trim().split(' ');
      const own = files.filter((file) => !file.startsWith('node_modules/')).sort();
      const manifest = ['c', 'rust'].includes(language) ? [] : [`${language}.functions.json`];
      const module = [`${language}.metered.wasm`, `${language}.wasm`, ...manifest];
      const built = isComponent ? readdirSync(join(app, `${language}.jco`), { recursive: true }) : module;
      const inFolder = built.map((file) => (isComponent ? `${language}.jco/${file}` : file));
      assert.deepEqual(own, ['host.json', 'index.js', 'package.json', ...inFolder].sort());
    });
  });
}
