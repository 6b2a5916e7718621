import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { handler, registerModule } from 'bluecrab';
import { call, callHandler, data, declare, ECHO, func, rehearsed, write } from '../guest.mjs';

test('ES modules and CommonJS modules get the same library', () => {
  const required = createRequire(import.meta.url)('bluecrab');
  assert.equal(required.handler, handler);
  assert.equal(required.registerModule, registerModule);
});

/** A function that answers its request's head. */
const SHOW = func(
  'f',
  '(call $record (i32.const 200) (i32.const 0) (i32.const 0) (local.get $head) (local.get $head_len))',
);

describe('calls', () => {
  test('the bodies of request and response are bytes', async () => {
    const file = write(ECHO, [declare('echo')]);
    for (const body of ['', 'a', 'é🦀', 'x'.repeat(1_000_000)]) {
      const answer = await call(file, 'echo', body);
      assert.equal(answer.status, 200);
      assert.equal(answer.body, body);
    }
  });

  test('the response has the status and headers of the guest', async () => {
    const head = '{"headers":[["content-type","text/csv"],["x-a","1"]]}';
    const run = `(call $record (i32.const 201) (i32.const 1024) (i32.const ${head.length}) (local.get $body) (local.get $body_len))`;
    const answer = await call(write(`${data(1024, head)} ${func('f', run)}`, [declare('f')]), 'f', 'body');
    assert.equal(answer.status, 201);
    assert.deepEqual(new Map(answer.headers).get('content-type'), 'text/csv');
    assert.deepEqual(new Map(answer.headers).get('content-length'), '4');
  });

  test('the pointers of an empty head and body may be out of bounds', async () => {
    const run = '(call $record (i32.const 200) (i32.const -1) (i32.const 0) (i32.const -1) (i32.const 0))';
    for (const where of ['pool', 'auto']) {
      const answer = await call(write(func('f', run), [declare('f', { run: where })]), 'f', 'body');
      assert.deepEqual([answer.status, answer.body], [200, '']);
    }
  });

  test('a caller that changes the header fields of a response does not affect other responses', async () => {
    const head = '{"headers":[["x-a","1"]]}';
    const run = `(call $record (i32.const 200) (i32.const 1024) (i32.const ${head.length}) (i32.const 0) (i32.const 0))`;
    const file = write(`${data(1024, head)} ${func('f', run)}`, [declare('f', { run: 'auto' })]);
    const first = await call(file, 'f');
    assert.deepEqual(first.headers, [['x-a', '1']]);
    first.headers[0][1] = '2';
    first.headers.push(['x-b', '3']);
    assert.deepEqual((await call(file, 'f')).headers, [['x-a', '1']]);
  });

  test('a response has at most a thousand header fields', async () => {
    const fields = (count) => {
      const head = JSON.stringify({
        headers: Array.from({ length: count }, (_, number) => [`x-${number}`, '']),
      });
      const run = `(call $record (i32.const 200) (i32.const 1024) (i32.const ${head.length}) (i32.const 0) (i32.const 0))`;
      return call(write(`${data(1024, head)} ${func('f', run)}`, [declare('f')]), 'f');
    };
    const answer = await fields(1000);
    assert.equal(answer.status, 200);
    assert.equal(new Map(answer.headers).get('x-999'), '');
    const refused = await fields(1001);
    assert.equal(refused.status, 500);
    assert.match(refused.log[0][1], /the response head has 1001 header fields, the most is 1000$/);
  });

  test('the head has the members that the manifest names, and no others', async () => {
    const trigger = { type: 'httpTrigger', route: 'x/{id}' };
    const given = {
      url: 'http://localhost/api/x/7?a=1&a=2',
      headers: { 'x-a': 'b', 'x-c': 'd' },
    };
    for (const [head, expected] of [
      [[], ''],
      [['method'], '{"method":"POST"}'],
      [['url'], '{"url":"http://localhost/api/x/7?a=1&a=2"}'],
      [['params'], '{"params":{"id":"7"}}'],
      [['query'], '{"query":[["a","1"],["a","2"]]}'],
      [['headers'], '{"headers":[["content-length","0"],["x-a","b"],["x-c","d"]]}'],
      [['header:X-C'], '{"headers":[["x-c","d"]]}'],
    ]) {
      const answer = await call(write(SHOW, [declare('f', { head, trigger })]), 'f', '', given);
      assert.equal(answer.body, expected);
    }
  });

  for (const run of ['pool', 'auto']) {
    test(`the head is that of its own request, not of the request before: ${run}`, async () => {
      const handle = handler(write(SHOW, [declare('f', { run, head: ['query', 'header:x-a'] })]), 'f');
      for (const [query, value] of [
        ['', '1'],
        ['', '1'],
        ['', '2'],
        ['?b=1', '2'],
        ['?b=2', '2'],
        ['?b=2', undefined],
        ['', 'é'],
      ]) {
        const headers = value === undefined ? {} : { 'x-a': value };
        const answer = await callHandler(handle, 'f', '', { url: `http://localhost/api/f${query}`, headers });
        const head = { query: [...new URLSearchParams(query)], headers: Object.entries(headers) };
        if (value === undefined) delete head.headers;
        assert.deepEqual(JSON.parse(answer.body), head);
        await rehearsed();
      }
    });
  }
});

describe('cookies', () => {
  const answered = async (...cookies) => {
    const head = JSON.stringify({
      headers: [['x-a', '1'], ...cookies.map((cookie) => ['set-cookie', cookie])],
    });
    const run = `(call $record (i32.const 200) (i32.const 1024) (i32.const ${head.length}) (i32.const 0) (i32.const 0))`;
    return call(write(`${data(1024, head)} ${func('f', run)}`, [declare('f')]), 'f');
  };

  test('a single cookie stays the header that the guest wrote', async () => {
    const answer = await answered('a="x="; Partitioned');
    assert.equal(new Map(answer.headers).get('set-cookie'), 'a="x="; Partitioned');
    assert.equal(answer.cookies, undefined);
  });

  test('several cookies are all sent', async () => {
    const answer = await answered(
      'a=1; Path=/; HttpOnly; Secure; SameSite=lax',
      'b=x%20y; Domain=example.org; Max-Age=60',
      'c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    );
    assert.deepEqual(answer.cookies, [
      { name: 'a', value: '1', path: '/', httpOnly: true, secure: true, sameSite: 'Lax' },
      { name: 'b', value: 'x y', domain: 'example.org', maxAge: 60 },
      { name: 'c', value: '', expires: new Date(0) },
    ]);
    assert.deepEqual([...new Map(answer.headers).keys()], ['x-a']);
  });

  for (const [cookie, reason] of [
    ['b="x"', /^the cookie b, .* value that is not percent-encoded/],
    ['b=%zz', /^the cookie b, .* value that is not percent-encoded/],
    ["b=it's", /^the cookie b, .* value that is not percent-encoded/],
    ['b=aGk=', /^the cookie b, .* value that is not percent-encoded/],
    ['b=1; Partitioned', /^the cookie b, .* the attribute Partitioned,/],
    ['b=1; Max-Age=soon', /^the cookie b, .* the attribute Max-Age,/],
    ['b=1; Expires=0', /^the cookie b, .* the attribute Expires,/],
    ['b=1; Expires=2030-01-01', /^the cookie b, .* the attribute Expires,/],
    ['b=1; SameSite=Maybe', /^the cookie b, .* unknown SameSite/],
    ['b', /set-cookie fields does not begin with NAME=VALUE/],
    ['b c=1', /^the cookie b c, .* no valid name/],
  ]) {
    test(`among several, ${cookie} is dropped and not changed, and the log says so`, async () => {
      const { status, cookies, log } = await answered('a=1', cookie);
      assert.deepEqual([status, cookies], [200, [{ name: 'a', value: '1' }]]);
      assert.deepEqual(
        log.map(([level]) => level),
        ['warning'],
      );
      assert.match(log[0][1], reason);
      assert.match(log[0][1], /not sent; with HTTP streaming every cookie is sent$/);
    });
  }
});

describe('a call that breaks the ABI is answered with 500, and the next call succeeds', () => {
  const bad = (name, record, more = '') => [name, `${more} ${func('bad', record)}`];
  const headed = (head) =>
    `(call $record (i32.const 200) (i32.const 1024) (i32.const ${head.length}) (i32.const 0) (i32.const 0))`;
  const cases = [
    ['a trap', func('bad', 'unreachable')],
    ['an endless recursion', `(func $deep (call $deep)) ${func('bad', '(call $deep) (i32.const 0)')}`],
    bad('a record outside of the memory', '(i32.const -8)'),
    bad(
      'a body outside of the memory',
      '(call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 4194300) (i32.const 8))',
    ),
    bad(
      'a length that overflows',
      '(call $record (i32.const 200) (i32.const 0) (i32.const 0) (i32.const 16) (i32.const -1))',
    ),
    bad(
      'a status of 99',
      '(call $record (i32.const 99) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))',
    ),
    ...[
      '{"headers":[["a","b\\r\\nc: d"]]}',
      '{"headers":[["a b","c"]]}',
      '{"headers":[["a"]]}',
      '{"headers":{}}',
      'oops',
      '\u00ff',
      `{"headers":[["a","${'x'.repeat(65536)}"]]}`,
    ].map((head) =>
      bad(
        `the head ${JSON.stringify(head).slice(0, 50)}`,
        headed(Buffer.from(head, 'latin1')),
        dataLatin1(head),
      ),
    ),
  ];
  function dataLatin1(text) {
    const bytes = [...Buffer.from(text, 'latin1')].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`);
    return `(data (i32.const 1024) "${bytes.join('')}")`;
  }
  for (const [what, text] of cases) {
    test(what, async () => {
      const file = write(`${ECHO} ${text}`, [declare('echo'), declare('bad')]);
      const answer = await call(file, 'bad', 'x');
      assert.equal(answer.status, 500);
      assert.equal(JSON.parse(answer.body).status, 500);
      assert.ok(
        answer.log.some(([level]) => level === 'error'),
        'the reason is logged as an error',
      );
      assert.equal((await call(file, 'echo', 'still here')).body, 'still here');
    });
  }

  test('after ten thousand traps calls still succeed', async () => {
    const file = write(`${ECHO} ${func('trap', 'unreachable')}`, [declare('echo'), declare('trap')]);
    for (let index = 0; index < 10_000; index++) assert.equal((await call(file, 'trap')).status, 500);
    assert.equal((await call(file, 'echo', 'fine')).body, 'fine');
  });
});

describe('limits', () => {
  test('a body over maxBodyBytes is answered with 413', async () => {
    const file = write(ECHO, [declare('echo', { maxBodyBytes: 10 })]);
    assert.equal((await call(file, 'echo', 'x'.repeat(11))).status, 413);
    assert.equal((await call(file, 'echo', 'x'.repeat(10))).status, 200);
  });

  test('a request that the module cannot allocate is answered with 413', async () => {
    const header =
      '(memory (export "memory") 1) (func (export "bluecrab_alloc") (param i32) (result i32) (i32.const 0))';
    const file = write(func('f', '(i32.const 0)'), [declare('f')], { header });
    assert.equal((await call(file, 'f', 'x')).status, 413);
  });
});

test('the variant with relaxed SIMD is loaded if the runtime supports it', async () => {
  const answers = (status) =>
    func('f', `(call $record (i32.const ${status}) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))`);
  const file = write(answers(200), [declare('f')]);
  copyFileSync(write(answers(201), [declare('f')]), file.replace('.wasm', '.relaxed-simd.wasm'));
  const [major, minor] = process.versions.v8.split('.').map(Number);
  const hasRelaxedSimd = major > 11 || (major === 11 && minor >= 4);
  assert.equal((await call(file, 'f', '')).status, hasRelaxedSimd ? 201 : 200);
});
