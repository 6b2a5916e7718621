// The environment of a function: log, output, variables, clocks and random numbers, and its line of the manifest.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { assertProblem, moduleFile, startHost } from './host.mjs';

let host;
before(async () => {
  host = await startHost({
    EXTRACTORS_DECLARED: 'grün',
    EXTRACTORS_UNDECLARED: 'secret',
    AzureFunctionsJobHost__logging__logLevel__Function: 'Trace',
  });
});
after(() => host?.stop());

test('log entries keep their levels', async () => {
  const response = await host.send('logs');
  assert.equal(response.status, 204);
  for (const [level, entry] of [
    ['trace', /a trace of 1/],
    ['debug', /a debug of 2/],
    ['information', /an info of 3/],
    ['warning', /a warning of 4/],
    ['error', /an error of 5/],
  ]) {
    await host.logged(response, level, entry);
  }
});

test('entries below information are not logged, and the function knows the level', async () => {
  assert.equal((await host.send('log-level')).text, 'TRACE');
  const other = await startHost();
  try {
    const response = await other.send('logs');
    await other.logged(response, 'error', /an error of 5/);
    await assert.doesNotReject(other.prints(/an info of 3/));
    assert.doesNotMatch(other.printed(), /a (trace|debug) of/);
    assert.equal((await other.send('log-level')).text, 'INFO');
  } finally {
    await other.stop();
  }
});

test('a flood of log entries does not displace a warning and a panic', async () => {
  const response = await host.send('floods-and-panics');
  assert.equal(response.status, 500);
  await host.logged(response, 'warning', /a warning after the flood/);
  await host.logged(response, 'error', /panicked at \S+surround\.rs:\d+:\d+:\na panic after the flood/);
  await host.logged(response, 'warning', /more than 1000 log entries/);
});

test('a sleep waits, and ends at the deadline', async () => {
  // The second call is tried on the event loop, which must not wait.
  for (let call = 0; call < 2; call++) assert.ok(Number((await host.send('sleeps')).text) >= 20);
  assertProblem(await host.send('oversleeps'), 504, /before its deadline/);
});

test('printed lines are logged for their call, with or without a line break', async () => {
  for (const response of [await host.send('prints'), await host.send('prints')]) {
    await host.logged(response, 'information', / printed to output\n/);
    await host.logged(response, 'information', / rest of output\n/);
    await host.logged(response, 'error', / printed to error\n/);
    await host.logged(response, 'error', / rest of error\n/);
  }
});

test('a function sees only declared variables', async () => {
  assert.deepEqual((await host.send('variables')).json, ['grün', null, 1]);
});

test('clocks show the time and go forward', async () => {
  const before = Date.now();
  const [now, forward] = (await host.send('clocks')).json;
  assert.ok(before <= now && now <= Date.now(), `${before} ${now}`);
  assert.equal(forward, true);
});

test('a HashMap works', async () => {
  const response = await host.send('words', { method: 'POST', body: 'a b a c\na' });
  assert.deepEqual(response.json, { a: 3, b: 1, c: 1 });
});

test('the manifest lists what the arguments read', async () => {
  const compiled = new WebAssembly.Module(readFileSync(moduleFile));
  const sections = WebAssembly.Module.customSections(compiled, 'bluecrab.functions.v1');
  const lines = Buffer.concat(sections.map((section) => Buffer.from(section)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const manifest = Object.fromEntries(lines.map((line) => [line.name, line]));
  assert.deepEqual(manifest.header.head, ['header:x-api-version', 'header:accept']);
  assert.deepEqual(manifest.custom.head, ['header:authorization']);
  assert.deepEqual(manifest.headers.head, ['headers']);
  assert.deepEqual(manifest.mixed.head, ['method', 'url', 'params', 'query', 'headers']);
  assert.deepEqual(manifest.bytes.head, []);
  assert.deepEqual(manifest['json-body'].head, ['header:content-type']);
  assert.equal(manifest.text.maxBodyBytes, 1024);
  assert.deepEqual(manifest.variables.env, ['EXTRACTORS_DECLARED']);
});
