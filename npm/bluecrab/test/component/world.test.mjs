// What a component may import and how its instances are used, with bindings such as jco writes.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { source } from '../source.mjs';

const { callComponent } = await source('component/call');

/** What components of componentize-py 0.25.1 and componentize-js 0.19.3 import, by interface. */
const IMPORTS = {
  'wasi:cli/environment': ['getArguments', 'getEnvironment', 'initialCwd'],
  'wasi:cli/exit': ['exit'],
  'wasi:cli/stderr': ['getStderr'],
  'wasi:cli/stdin': ['getStdin'],
  'wasi:cli/stdout': ['getStdout'],
  'wasi:cli/terminal-input': ['TerminalInput'],
  'wasi:cli/terminal-output': ['TerminalOutput'],
  'wasi:cli/terminal-stderr': ['getTerminalStderr'],
  'wasi:cli/terminal-stdin': ['getTerminalStdin'],
  'wasi:cli/terminal-stdout': ['getTerminalStdout'],
  'wasi:clocks/monotonic-clock': ['now', 'resolution', 'subscribeDuration', 'subscribeInstant'],
  'wasi:clocks/wall-clock': ['now', 'resolution'],
  'wasi:filesystem/preopens': ['getDirectories'],
  'wasi:filesystem/types': ['Descriptor', 'DirectoryEntryStream', 'filesystemErrorCode'],
  'wasi:http/outgoing-handler': ['handle'],
  'wasi:http/types': [
    ...['Fields', 'FutureIncomingResponse', 'FutureTrailers', 'IncomingBody', 'IncomingRequest'],
    ...['IncomingResponse', 'OutgoingBody', 'OutgoingRequest', 'OutgoingResponse', 'RequestOptions'],
    ...['ResponseOutparam', 'httpErrorCode'],
  ],
  'wasi:io/error': ['Error'],
  'wasi:io/poll': ['Pollable', 'poll'],
  'wasi:io/streams': ['InputStream', 'OutputStream'],
  'wasi:random/insecure': ['getInsecureRandomBytes', 'getInsecureRandomU64'],
  'wasi:random/insecure-seed': ['insecureSeed'],
  'wasi:random/random': ['getRandomBytes', 'getRandomU64'],
  'wasi:sockets/instance-network': ['instanceNetwork'],
  'wasi:sockets/ip-name-lookup': ['ResolveAddressStream', 'resolveAddresses'],
  'wasi:sockets/network': ['Network', 'networkErrorCode'],
  'wasi:sockets/tcp': ['TcpSocket'],
  'wasi:sockets/tcp-create-socket': ['createTcpSocket'],
  'wasi:sockets/udp': ['IncomingDatagramStream', 'OutgoingDatagramStream', 'UdpSocket'],
  'wasi:sockets/udp-create-socket': ['createUdpSocket'],
};

const folder = mkdtempSync(join(tmpdir(), 'bluecrab-world-'));
after(() => rmSync(folder, { recursive: true }));
let count = 0;

/**
 * Returns a function that calls a component. The component runs `code` at each call and answers with its value as JSON;
 * `calls` is the number of calls of its instance.
 */
function component(code, { isKept = true, maxMemoryBytes = 1 << 20 } = {}) {
  const file = join(folder, `component${count++}.mjs`);
  const bindings = `
    export function instantiate(_, imports) {
      const { Fields, OutgoingRequest, OutgoingResponse, RequestOptions, ResponseOutparam } = imports['wasi:http/types'];
      let calls = 0;
      const caught = (attempt) => {
        try {
          return attempt();
        } catch (error) {
          if (error instanceof Error) throw error;
          return { error };
        }
      };
      const answer = () => {
        calls++;
        ${code}
      };
      const handle = (_, outparam) => {
        const response = new OutgoingResponse(new Fields());
        response.body().write().write(new TextEncoder().encode(JSON.stringify(answer())));
        ResponseOutparam.set(outparam, { tag: 'ok', val: response });
      };
      return { incomingHandler: { handle } };
    }`;
  writeFileSync(file, bindings);
  const template = {
    id: file,
    file,
    cores: new Map(),
    isKept,
    env: [],
    maxMemoryBytes,
    recycleBytes: 1 << 28,
  };
  const request = { method: 'GET', url: 'http://localhost/', headers: [] };
  return async (log = []) => {
    const task = {
      kind: 'component',
      template,
      request,
      body: new Uint8Array(),
      logLevel: 0,
      isTimed: false,
    };
    const { body } = await callComponent(task, (...entry) => log.push(entry));
    return { value: JSON.parse(Buffer.from(body).toString()), log };
  };
}

test('everything that the standard tools import exists', async () => {
  const call = component(`
    const missing = ([name, members]) =>
      members.filter((member) => typeof imports[name]?.[member] !== 'function').map((member) => name + ' ' + member);
    return Object.entries(${JSON.stringify(IMPORTS)}).flatMap(missing);`);
  assert.deepEqual((await call()).value, []);
});

test('the network is refused with errors of its interfaces, and the log says what was tried', async () => {
  const call = component(`
    const request = new OutgoingRequest(new Fields());
    request.setMethod({ tag: 'post' });
    request.setScheme({ tag: 'HTTPS' });
    request.setAuthority('api.example.com');
    request.setPathWithQuery('/rows?code=secret');
    const options = new RequestOptions();
    options.setConnectTimeout(1n);
    request.body().write().write(new Uint8Array(10));
    const network = imports['wasi:sockets/instance-network'].instanceNetwork();
    return [
      caught(() => imports['wasi:http/outgoing-handler'].handle(request, options)),
      caught(() => imports['wasi:sockets/ip-name-lookup'].resolveAddresses(network, 'db.example.com')),
      caught(() => imports['wasi:sockets/tcp-create-socket'].createTcpSocket('ipv4')),
      caught(() => imports['wasi:sockets/udp-create-socket'].createUdpSocket('ipv6')),
    ];`);
  const { value, log } = await call();
  const denied = { error: 'access-denied' };
  assert.deepEqual(value, [{ error: { tag: 'HTTP-request-denied' } }, denied, denied, denied]);
  const refused = (attempt) => [
    'warning',
    `the component tried to ${attempt}, which is refused: a component has no network`,
  ];
  assert.deepEqual(log, [
    refused('send POST https://api.example.com/rows'),
    refused('look up the address of db.example.com'),
    refused('open a TCP socket (ipv4)'),
    refused('open a UDP socket (ipv6)'),
  ]);
});

test('an instance answers many calls, or a new instance answers each call', async () => {
  for (const [isKept, counts] of [
    [true, [1, 2, 3]],
    [false, [1, 1, 1]],
  ]) {
    const call = component('return calls;', { isKept });
    for (const expected of counts) assert.equal((await call()).value, expected);
  }
});

test('an instance answers 10,000 calls at most, since its bindings never free a part of each call', async () => {
  const call = component('return calls;');
  for (let count = 1; count < 10_000; count++) await call();
  assert.deepEqual([(await call()).value, (await call()).value], [10_000, 1]);
});

test('the failure of the second call of an instance explains the option for it', async () => {
  const call = component("if (calls > 1) throw new Error('only one'); return calls;");
  await call();
  const log = [];
  await assert.rejects(call(log), /only one/);
  assert.equal(log.length, 1);
  assert.match(log[0][1], /the second call of its instance; .* instance: 'call'$/);
});

for (const [what, code, reason] of [
  ['a response', 'response.write(new Uint8Array((1 << 20) + 1));', /need more than 1048576 bytes/],
  [
    'a request that is not sent',
    'request.write(new Uint8Array((1 << 20) + 1));',
    /need more than 1048576 bytes/,
  ],
  [
    'the texts of requests',
    `const text = 'a'.repeat(1000);
    for (;;) {
      const request = new OutgoingRequest(new Fields());
      request.setMethod({ tag: 'other', val: text });
      request.setScheme({ tag: 'other', val: text });
      request.setAuthority(text);
      request.setPathWithQuery(text);
      held.push(request);
    }`,
    /need more than 1048576 bytes/,
  ],
  [
    'header fields',
    'for (;;) held.push(Fields.fromList([["name", new Uint8Array(1000).fill(65)]]));',
    /need more than 1048576 bytes/,
  ],
  ['resources', 'for (;;) held.push(new Fields());', /it holds more than 100000 resources at once/],
]) {
  test(`a call cannot hold ${what} beyond the limit`, async () => {
    const call = component(`
      const held = [];
      const response = new OutgoingResponse(new Fields()).body().write();
      const request = new OutgoingRequest(new Fields()).body().write();
      ${code}
      return 'too much';`);
    await assert.rejects(call(), reason);
    // The next call counts from zero.
    assert.equal((await component('return 1;')()).value, 1);
  });
}

test('a resource that is dropped does not count', async () => {
  const call = component(`
    const value = new Uint8Array(100).fill(65);
    const drop = (resource) => resource[Symbol.dispose ?? Symbol.for('dispose')]();
    for (let count = 0; count < 110_000; count++) drop(Fields.fromList([['name', value]]));
    for (let count = 0; count < 20_000; count++) {
      const request = new OutgoingRequest(new Fields());
      for (const length of [1000, 100]) request.setAuthority('a'.repeat(length));
      drop(request);
    }
    return 'enough';`);
  assert.equal((await call()).value, 'enough');
});

test('header fields that a component reads back stay in its response when it drops them', async () => {
  const call = component(`
    const kept = new OutgoingResponse(Fields.fromList([['name', new Uint8Array([65])]]));
    kept.headers()[Symbol.dispose ?? Symbol.for('dispose')]();
    return [kept.headers().has('Name'), caught(() => kept.headers().delete('name'))];`);
  assert.deepEqual((await call()).value, [true, { error: { tag: 'immutable' } }]);
});

test('a wait for nothing fails the call', async () => {
  await assert.rejects(component("return imports['wasi:io/poll'].poll([]);")(), /an empty list of pollables/);
});
