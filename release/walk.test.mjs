// Installs a release and walks from a new app to its package, in an empty home folder and without a checkout. The
// packages of the release come from registries on this machine. `cargo xtask test --only release` runs this.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { fillCargoRegistry } from './cargoRegistry.mjs';
import { makeHome } from './home.mjs';
import { startNpmRegistry } from './npmRegistry.mjs';

const dist = process.env.BLUECRAB_DIST;
assert.ok(dist, 'BLUECRAB_DIST must name the folder that `cargo xtask release` has written');
const ANSWER = '{"count":3,"mean":2,"deviation":0.816496580927726}';
const home = makeHome();
const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
let registry;

/** Runs a command of the README. */
function documented(line, folder) {
  assert.ok(readme.includes(line), `README.md does not have \`${line}\``);
  return home.run(line, folder);
}

const json = (...path) => JSON.parse(readFileSync(home.path(...path), 'utf8'));

before(async () => {
  const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
  home.write('npm-registry/.keep', '');
  registry = await startNpmRegistry(home.path('npm-registry'), upstream);
  // npm wants a password for every registry, and this registry takes any.
  home.write('.npmrc', `registry=${registry.url}\n${registry.url.replace('http:', '')}:_authToken=any\n`);
  for (const tarball of readdirSync(join(dist, 'npm'))) {
    await home.run(`npm publish ${join(dist, 'npm', tarball)}`);
  }
  const metadata = ['metadata', '--format-version=1', '--manifest-path', join(dist, 'stage/Cargo.toml')];
  const printed = execFileSync('cargo', metadata, { encoding: 'utf8', maxBuffer: 1 << 28 });
  const crates = home.path('cargo-registry');
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  fillCargoRegistry(crates, JSON.parse(printed), join(dist, 'crates'), cargoHome);
  const source = `[source.crates-io]\nreplace-with = "local"\n\n[source.local]\nlocal-registry = ${JSON.stringify(crates)}\n`;
  home.write('.cargo/config.toml', source);
});

after(() => {
  registry?.stop();
  home.remove();
});

test('one line installs the command, and runs nothing', async () => {
  await documented('npm install --global @bluecrab/cli');
  const { version } = JSON.parse(readFileSync(new URL('../npm/cli/package.json', import.meta.url), 'utf8'));
  assert.equal(await home.run('bluecrab --version'), `bluecrab ${version}\n`);
  const packages = home.path(process.platform === 'win32' ? 'npm/node_modules' : 'npm/lib/node_modules');
  const files = readdirSync(packages, { recursive: true }).map((file) => file.replaceAll('\\', '/'));
  const own = files.filter((file) => /^@bluecrab\/cli\/[^/]+$/.test(file)).map((file) => file.slice(14));
  const expected = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'bin', 'node_modules', 'package.json'];
  assert.deepEqual(own.sort(), expected);
  for (const file of files.filter((file) => file.endsWith('package.json'))) {
    assert.equal(JSON.parse(readFileSync(join(packages, file), 'utf8')).scripts, undefined, file);
  }
});

test('npx creates an app that names versions', async () => {
  const said = await documented('npx @bluecrab/cli new hello');
  assert.match(said, /npx @bluecrab\/cli dev --watch/);
  const { dependencies, devDependencies } = json('hello/package.json');
  const manifest = readFileSync(home.path('hello/Cargo.toml'), 'utf8');
  const version = /^bluecrab = "(\d+\.\d+\.\d+)"$/m.exec(manifest)?.[1];
  assert.ok(version, manifest);
  assert.equal(dependencies.bluecrab, `^${version}`);
  assert.deepEqual(devDependencies, { '@bluecrab/cli': `^${version}` });
  assert.ok(!existsSync(home.path('hello/vendor')));
});

test('the app is built, served and ended', async () => {
  const host = await home.dev(home.path('hello'));
  assert.deepEqual(await host.post('/api/statistics', '[1, 2, 3]'), [200, ANSWER]);
  assert.equal((await host.post('/api/statistics', '[]'))[0], 400);
  assert.equal(await host.stop(), 0);
  // The program has ended too, not only the script that started it.
  await assert.rejects(fetch(host.url));
});

test('in the app, npx runs the command that belongs to the app', async () => {
  assert.match(await home.run('npx bluecrab check hello.wasm', home.path('hello')), /statistics/);
  const library = readdirSync(home.path('hello/node_modules/bluecrab')).sort();
  assert.deepEqual(library, ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dist', 'package.json']);
});

test('the tests of the app pass', async () => {
  assert.match(await documented('cargo test', home.path('hello')), /2 passed/);
});

test('the unzipped package is served', async () => {
  await documented('bluecrab package', home.path('hello'));
  const files = Object.entries(unzipSync(readFileSync(home.path('hello/hello.zip'))));
  for (const [path, content] of files.filter(([path]) => !path.endsWith('/'))) {
    assert.ok(!path.startsWith('node_modules/@bluecrab'), `${path} is only needed for development`);
    assert.ok(!Buffer.from(content).includes(home.folder), `${path} names the home folder`);
    const file = home.path('unzipped', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const host = await home.dev(home.path('unzipped'));
  assert.deepEqual(await host.post('/api/statistics', '[1, 2, 3]'), [200, ANSWER]);
  assert.equal(await host.stop(), 0);
});

test('the matrix package runs in any program, without @azure/functions', async () => {
  home.write('plain/package.json', '{ "name": "plain", "private": true }');
  await home.run('npm install @bluecrab/matrix', home.path('plain'));
  const packages = readdirSync(home.path('plain/node_modules')).filter((name) => !name.startsWith('.'));
  assert.deepEqual(packages, ['@bluecrab', 'bluecrab']);
  const [, example] = /^```js\n(.*?)^```/ms.exec(
    readFileSync(home.path('plain/node_modules/@bluecrab/matrix/README.md'), 'utf8'),
  );
  home.write('plain/example.mjs', example);
  const printed = await home.run('node example.mjs', home.path('plain'));
  assert.match(printed, /data: Float64Array\(2\) \[ -2, -2 \]/);
});

test('a Node.js app gets a function', async () => {
  const dependencies = { '@azure/functions': '^4.16.0' };
  home.write('shop/host.json', '{ "version": "2.0" }');
  home.write('shop/package.json', JSON.stringify({ name: 'shop', main: 'index.js', dependencies }));
  home.write('shop/index.js', "require('bluecrab').registerModule('sums.wasm');\n");
  await home.run('bluecrab add sums', home.path('shop'));
  const added = json('shop/package.json');
  assert.match(added.dependencies.bluecrab, /^\^\d/);
  assert.match(added.devDependencies['@bluecrab/cli'], /^\^\d/);
  const host = await home.dev(home.path('shop'), ['--build']);
  assert.deepEqual(await host.post('/api/statistics', '[1, 2, 3]'), [200, ANSWER]);
  assert.equal(await host.stop(), 0);
});
