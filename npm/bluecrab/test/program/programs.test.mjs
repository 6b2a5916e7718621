// Calls of programs: over HTTP as the host forwards requests, and by other triggers.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

process.env.BLUECRAB_THREADS = '1';
process.env.BLUECRAB_TIMEOUT_SLEEPS = '300ms';
process.env.GREETING = 'hello';

const { agent, call, listen, registered } = await import('../app.mjs');
const { default: functions } = await import('@azure/functions');
const { registerProgram } = await import('bluecrab');
const { folder } = await import('../guest.mjs');
const { residentMiB } = await import('../memory.mjs');
const { print, printStrings, program, write } = await import('./guest.mjs');

const { InvocationContext } = functions;

/** Registers a program, as a function with the name. */
const register = (name, file, options) => registerProgram(file, { name, ...options });
const register500 = (name, body, options) => register(name, program(body, options));

const CGI =
  'Status: 404 Not Found\r\ncontent-type: text/x\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nnot here';
const responses = {
  cgi: CGI,
  location: 'Location: /elsewhere\n\n',
  'no-type': 'Status: 201\n\nmade',
  text: 'Dear reader: this is\n\na letter',
  empty: '',
  'wrong-status': 'Status: fine\n\n',
  'wrong-name': 'Status: 404\nno field\n\n',
  hop: 'Content-Type: a/b\nConnection: close\nContent-Length: 99\n\nbody',
};

const files = join(folder, 'files');
/** Writes the content of the file `greeting`. */
const READS = `
  (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 64) "greeting")
  (func (export "_start")
    (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 8) (i32.const 0) (i64.const 2)
      (i64.const 0) (i32.const 0) (i32.const 0)))
    (i32.store (i32.const 16) (i32.const 1024)) (i32.store (i32.const 20) (i32.const 1000))
    (drop (call $fd_read (i32.load (i32.const 0)) (i32.const 16) (i32.const 1) (i32.const 20)))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))`;

before(async () => {
  mkdirSync(files);
  writeFileSync(join(files, 'greeting'), 'hello from a file');
  register('reads', write(READS), { files });
  for (const [name, text] of Object.entries(responses))
    register(name, program(print(1, text), { texts: [text] }));
  register('copy', program('(call $copy)'), { maxBodyBytes: 5 << 20 });
  register('variables', program(printStrings('environ')), {
    route: 'run/it/{*rest}',
    env: ['GREETING', 'FIXED=a=b', 'UNKNOWN'],
  });
  register('trusted', program(printStrings('environ')), { env: ['HTTP_AUTHORIZATION'] });
  register('arguments', program(printStrings('args')), { args: ['-c', 'x y', ''] });
  register500('exits', '(call $proc_exit (i32.const 3))');
  const answer = 'done';
  register('ends', program(`${print(1, answer)} (call $proc_exit (i32.const 0))`, { texts: [answer] }));
  register500('traps', `${print(2, 'oops\nno end')} unreachable`, { texts: ['oops\nno end'] });
  register500('catches', '(try (do (call $proc_exit (i32.const 7))) (catch_all))');
  register(
    'counts',
    program(
      `(global.set $n (i32.add (global.get $n) (i32.const 1)))
    (i32.store8 (i32.const 1024) (global.get $n)) ${print(1, '0')}`,
      { more: '(global $n (mut i32) (i32.const 48))' },
    ),
  );
  const sleep = `(i32.store (i32.const 2064) (i32.const 1)) (i64.store (i32.const 2072) (i64.const 3600000000000))
    (drop (call $poll_oneoff (i32.const 2048) (i32.const 3072) (i32.const 1) (i32.const 32)))`;
  register('sleeps', program(sleep));
  register('loops', program('(loop $again (br $again))'), { timeoutMs: 200 });
  const flood = `(loop $again (call $print (i32.const 1) (i32.const 0) (i32.const 65536)) (br $again))`;
  register('floods', program(flood), { maxOutputBytes: 1 << 20 });
  const grow = `(i32.store8 (i32.const 1024) (i32.add (i32.const 66) (memory.grow (i32.const 64)))) ${print(1, 'A')}`;
  register('grows', program(grow), { maxMemoryBytes: 65 * 65_536 });
  // Each instance takes 16 MiB.
  const fill = '(memory.fill (i32.const 1024) (i32.const 65) (i32.const 16776192))';
  register('fills', program(`${fill} ${print(1, 'A')}`, { pages: '256' }));
  await listen();
});
after(() => {
  agent.destroy();
  setImmediate(() => process.exit());
});

describe('a response', () => {
  test('with a head of CGI has its status, its type and its fields', async () => {
    const { status, headers, body } = await call('cgi');
    assert.deepEqual([status, headers['content-type'], body.toString()], [404, 'text/x', 'not here']);
    assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(headers.status, undefined);
  });

  test('with a Location redirects', async () => {
    const { status, headers } = await call('location');
    assert.deepEqual([status, headers.location], [302, '/elsewhere']);
  });

  test('without a type is text', async () => {
    const { status, headers, body } = await call('no-type');
    assert.deepEqual(
      [status, headers['content-type'], body.toString()],
      [201, 'text/plain; charset=utf-8', 'made'],
    );
  });

  for (const name of ['text', 'wrong-name', 'empty']) {
    test(`that does not begin with a head of CGI is text: ${name}`, async () => {
      const { status, headers, body } = await call(name);
      assert.deepEqual(
        [status, headers['content-type'], body.toString()],
        [200, 'text/plain; charset=utf-8', responses[name]],
      );
    });
  }

  test('has no fields that concern the connection', async () => {
    const { headers, body } = await call('hop');
    assert.deepEqual([headers['content-length'], body.toString()], ['4', 'body']);
    assert.notEqual(headers.connection, 'close');
  });

  test('with a wrong status is a failure', async () => {
    const { status, log } = await call('wrong-status');
    assert.equal(status, 500);
    assert.match(log.at(-1)[1], /the Status of its CGI response is "fine", not a number from 200 to 599/);
  });
});

describe('a program', () => {
  test('gets the body on its standard input', async () => {
    for (const length of [0, 1, 4096, 4097, 3 << 20]) {
      const sent = Buffer.alloc(length, 'abcdefg');
      assert.ok((await call('copy', sent)).body.equals(sent), `${length} bytes`);
    }
    assert.equal((await call('copy', Buffer.alloc((5 << 20) + 1))).status, 413);
  });

  test('gets its file and its arguments', async () => {
    const [file, ...args] = (await call('arguments')).body.toString().split('\0');
    assert.match(file, /^program\d+\.wasm$/);
    assert.deepEqual(args, ['-c', 'x y', '', '']);
  });

  const variables = async (...parameters) => {
    const text = (await call(...parameters)).body.toString();
    return Object.fromEntries(
      text
        .split('\0')
        .slice(0, -1)
        .map((entry) => entry.split(/=(.*)/s)),
    );
  };

  test('gets the request as variables of CGI, and those that it names', async () => {
    const found = await variables('variables', 'body', {
      path: '/api/run/it/a%20b/c?q=1&r=%2F',
      headers: {
        'x-forwarded-host': 'example.com:8080',
        'x-forwarded-for': '6.6.6.6, 10.0.0.7:4711',
        'content-type': 'text/csv',
        'X-Own': 'yes',
        X_Own: 'forged',
        Proxy: 'evil:1',
        Authorization: 'Bearer secret',
      },
    });
    assert.equal(found.HTTP_X_OWN, 'yes');
    for (const [name, value] of Object.entries({
      GATEWAY_INTERFACE: 'CGI/1.1',
      SERVER_PROTOCOL: 'HTTP/1.1',
      SERVER_NAME: 'example.com',
      SERVER_PORT: '8080',
      HTTP_HOST: 'example.com:8080',
      REQUEST_METHOD: 'POST',
      SCRIPT_NAME: '/api/run/it',
      PATH_INFO: '/a b/c',
      QUERY_STRING: 'q=1&r=%2F',
      REQUEST_URI: '/api/run/it/a%20b/c?q=1&r=%2F',
      REMOTE_ADDR: '10.0.0.7',
      CONTENT_TYPE: 'text/csv',
      CONTENT_LENGTH: '4',
      GREETING: 'hello',
      FIXED: 'a=b',
      HTTP_PROXY: undefined,
      HTTP_AUTHORIZATION: undefined,
      HTTP_CONTENT_TYPE: undefined,
      UNKNOWN: undefined,
      PATH: undefined,
    })) {
      assert.equal(found[name], value, name);
    }
  });

  test('gets no variable whose value has a NUL', async () => {
    const found = await variables('variables', '', { path: '/api/run/it/a%00b' });
    assert.deepEqual([found.PATH_INFO, found.SCRIPT_NAME], [undefined, '/api/run/it']);
  });

  test('gets the authorization only if it asks for it', async () => {
    const found = await variables('trusted', '', { headers: { authorization: 'Bearer x', proxy: 'evil:1' } });
    assert.deepEqual(
      [found.HTTP_AUTHORIZATION, found.HTTP_PROXY, found.CONTENT_LENGTH],
      ['Bearer x', undefined, undefined],
    );
    assert.deepEqual([found.SCRIPT_NAME, found.PATH_INFO], ['/api/trusted', '']);
  });

  test('runs in a new instance for each call', async () => {
    for (let count = 0; count < 3; count++) assert.equal((await call('counts')).body.toString(), '1');
  });

  test('leaves no memory when it has ended', async () => {
    for (let count = 0; count < 80; count++) assert.equal((await call('fills')).body.toString(), 'A');
    assert.ok((await residentMiB(800)) < 800, 'the memory of 80 calls is more than 1.3 GB');
  });

  test('may exit with code 0', async () => {
    const { status, body } = await call('ends');
    assert.deepEqual([status, body.toString()], [200, 'done']);
  });

  for (const [name, reason] of [
    ['exits', /function exits failed in WebAssembly: it ended with exit code 3/],
    ['catches', /it ended with exit code 7/],
    ['traps', /unreachable/],
    ['floods', /it wrote more than 1048576 bytes to its standard output; raise maxOutputBytes to allow more/],
  ]) {
    test(`that fails is answered with 500: ${name}`, async () => {
      const { status, body, log } = await call(name);
      assert.equal(status, 500);
      assert.equal(JSON.parse(body).detail, 'the function failed; its log says why');
      assert.match(log.at(-1)[1], reason);
      assert.equal((await call('ends')).status, 200);
    });
  }

  test('writes its standard error to the log', async () => {
    const { log } = await call('traps');
    assert.deepEqual(log.slice(0, 2), [
      ['error', 'oops'],
      ['error', 'no end'],
    ]);
  });

  for (const name of ['sleeps', 'loops']) {
    test(`ends at its deadline: ${name}`, async () => {
      assert.equal((await call(name)).status, 504);
      assert.equal((await call('ends')).status, 200);
    });
  }

  test('cannot have more memory than it may', async () => {
    assert.equal((await call('grows')).body.toString(), 'A');
  });
});

describe('another trigger than HTTP', () => {
  const fire = async (name, value, more = {}) => {
    const log = [];
    const context = new InvocationContext({
      functionName: name,
      invocationId: 'id-1',
      logHandler: (level, text) => log.push([level, text]),
      ...more,
    });
    return { returned: await registered(name).handler(value, context), log };
  };
  const queue = { type: 'queueTrigger', queueName: 'in', connection: 'X' };
  const output = { type: 'queue', queueName: 'out', connection: 'X' };

  test('brings its message on the standard input, and the output is what the program writes', async () => {
    register('message', program('(call $copy)'), { trigger: queue, output });
    const message = Buffer.from('{"a": 1}');
    assert.deepEqual((await fire('message', message)).returned, message);
    assert.equal((await fire('message', Buffer.of())).returned, undefined);
    const bindings = Object.values(registered('message').bindings);
    assert.deepEqual(
      bindings.map(({ type, queueName, dataType, direction }) => [type, queueName, dataType, direction]),
      [
        ['queueTrigger', 'in', 'binary', 'in'],
        ['queue', 'out', undefined, 'out'],
      ],
    );
  });

  test('brings its metadata as variables', async () => {
    register('metadata', program(printStrings('environ')), { trigger: queue, output, env: ['GREETING'] });
    const { returned } = await fire('metadata', 'x', {
      triggerMetadata: { dequeueCount: 2, insertionTime: 'now', sys: { methodName: 'm' } },
      traceContext: { traceParent: '00-1' },
      retryContext: { retryCount: 1, maxRetryCount: 3 },
    });
    assert.deepEqual(returned.toString().split('\0').slice(0, -1).sort(), [
      'FUNCTION_NAME=metadata',
      'GREETING=hello',
      'INVOCATION_ID=id-1',
      'RETRY_COUNT=1',
      'RETRY_MAX=3',
      'TRACEPARENT=00-1',
      'TRIGGER_DEQUEUE_COUNT=2',
      'TRIGGER_INSERTION_TIME=now',
      'TRIGGER_SYS={"methodName":"m"}',
    ]);
  });

  test('of an agent brings the arguments, and gets the result as text', async () => {
    register('tool', program('(call $copy)'), { trigger: { type: 'mcpToolTrigger', toolName: 'tool' } });
    const { returned, log } = await fire('tool', { name: 'tool', arguments: { a: 1 }, sessionid: 's' });
    assert.deepEqual([returned, log], ['{"a":1}', []]);
  });

  test('without an output logs what the program writes', async () => {
    register('logs', program(print(1, 'one\ntwo'), { texts: ['one\ntwo'] }), {
      trigger: { type: 'timerTrigger', schedule: '0 0 * * * *' },
    });
    const { returned, log } = await fire('logs', {});
    assert.deepEqual(
      [returned, log],
      [
        undefined,
        [
          ['information', 'one'],
          ['information', 'two'],
        ],
      ],
    );
  });

  test('fails if the program fails', async () => {
    register('fails', program('(call $proc_exit (i32.const 2))'), { trigger: queue });
    await assert.rejects(
      fire('fails', 'x'),
      /function fails failed in WebAssembly: it ended with exit code 2/,
    );
  });
});

describe('a program is refused', () => {
  const start = '(func (export "_start"))';
  const memory = '(memory (export "memory") 2)';
  for (const [what, text, options, message] of [
    [
      'a library',
      `${memory} (func (export "_initialize"))`,
      {},
      /exports no function _start, so it is not a program/,
    ],
    [
      'a module',
      `${memory} (func (export "bluecrab_alloc"))`,
      {},
      /is a module with functions.*use registerModule/,
    ],
    ['no memory', start, {}, /exports no memory/],
    [
      'an import',
      `(import "env" "f" (func)) ${memory} ${start}`,
      {},
      /imports env\.f \(function\), but a program gets only/,
    ],
    [
      'too large a memory',
      `${memory} ${start}`,
      { maxMemoryBytes: 65_536 },
      /its memory has 131072 bytes from the start/,
    ],
    ['an argument', `${memory} ${start}`, { args: ['a\0b'] }, /the argument "a\\u0000b" contains a NUL/],
    ['a variable', `${memory} ${start}`, { env: ['=x'] }, /env has "=x", but expected NAME or NAME=VALUE/],
    ['a deadline', `${memory} ${start}`, { timeoutMs: 0 }, /timeoutMs must be a whole number/],
    ['a folder', `${memory} ${start}`, { files: '/nowhere' }, /cannot read the files of \/nowhere/],
    [
      'an output of HTTP',
      `${memory} ${start}`,
      { output: { type: 'queue' } },
      /the option output needs a trigger/,
    ],
    [
      'a route of a queue',
      `${memory} ${start}`,
      { route: 'x', trigger: { type: 'queueTrigger' } },
      /the option route is for HTTP/,
    ],
    [
      'a batch',
      `${memory} ${start}`,
      { trigger: { type: 'eventHubTrigger', cardinality: 'many' } },
      /a program takes one message at a time/,
    ],
  ]) {
    test(`because of ${what}`, () => {
      assert.throws(() => registerProgram(write(text), { name: 'refused', ...options }), message);
    });
  }

  test('because it is a component', () => {
    const file = join(folder, 'component.wasm');
    writeFileSync(file, Buffer.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0));
    assert.throws(() => registerProgram(file, { name: 'refused' }), /is a component.*use registerComponent/);
  });
});

test('a program reads its files, as they were when it was registered', async () => {
  writeFileSync(join(files, 'greeting'), 'changed later');
  for (let count = 0; count < 2; count++)
    assert.equal((await call('reads')).body.toString(), 'hello from a file');
});
