// Every extractor: what it reads from a request, and how it rejects a request that does not fit.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertProblem, startHost } from './host.mjs';

let host;
before(async () => {
  host = await startHost();
});
after(() => host?.stop());

async function assertJson(path, expected, init) {
  const response = await host.send(path, init);
  assert.equal(response.status, 200, response.text);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.deepEqual(response.json, expected);
}

const post = (body, headers = {}) => ({ method: 'POST', body, headers });
const json = (body, type = 'application/json') => post(body, { 'content-type': type });

describe('Path', () => {
  test('reads one value', () => assertJson('path-one/255', 255));
  test('reads a tuple and decodes its texts', () => assertJson('path-pair/a%20b%C3%A9/-7', ['a bé', -7]));
  test('reads a struct by names', () => assertJson('path-struct/-7/rows', { table: 'rows', row: -7 }));

  for (const [path, reason] of [
    ['path-one/x', /`id` is `x`/],
    ['path-one/256', /`id` is `256`/],
    ['path-pair/rows/1.5', /`row` is `1.5`/],
    ['path-struct/one/rows', /`row` is `one`/],
  ]) {
    test(`400 to ${path}`, async () => assertProblem(await host.send(path), 400, reason));
  }
});

describe('Query', () => {
  test('reads a struct', () =>
    assertJson('query?ids=3&page=2&word=a+b%26c&order=down&full=true&ids=1', {
      page: 2,
      word: 'a b&c',
      order: 'down',
      full: true,
      ids: [3, 1],
    }));
  test('uses the defaults of missing fields', () =>
    assertJson('query?page=0&unknown=1', { page: 0, word: null, order: null, full: false, ids: [] }));
  test('is None without a query string', () => assertJson('query-optional', null));
  test('reads pairs in their order', () =>
    assertJson('query-optional?b=1&a=2&b=', [
      ['b', '1'],
      ['a', '2'],
      ['b', ''],
    ]));

  for (const [path, reason] of [
    ['query', /page/],
    ['query?page=-1', /`page` is `-1`/],
    ['query?page=1&order=left', /`order` is `left`/],
    ['query?page=1&full=yes', /`full` is `yes`/],
    ['query?page=1&page=2', /`page` is given 2 times/],
    ['query?page=1&ids=1&ids=x', /`ids` is `x`/],
  ]) {
    test(`400 to ${path}`, async () => assertProblem(await host.send(path), 400, reason));
  }
});

describe('Header and Headers', () => {
  test('Headers has all names in lower case', async () => {
    const { json } = await host.send('headers', { headers: { 'X-One': '1', 'x-two': '2, 3' } });
    const headers = new Map(json);
    assert.deepEqual([headers.get('x-one'), headers.get('x-two')], ['1', '2, 3']);
    assert.ok(headers.has('host') && headers.has('user-agent'));
  });

  const version = { 'X-Api-Version': '3' };
  test('Header reads a number, and an optional text', async () => {
    await assertJson('header', [3, 'text/csv'], { headers: { ...version, accept: 'text/csv' } });
    await assertJson('header-optional', 3, { headers: version });
    await assertJson('header-optional', null);
  });
  test('a missing field is rejected with 400', async () =>
    assertProblem(await host.send('header'), 400, /x-api-version is missing/, { header: 'x-api-version' }));
  test('a wrong value is rejected with 400, even if the field is optional', async () => {
    for (const path of ['header', 'header-optional']) {
      const response = await host.send(path, { headers: { 'x-api-version': 'new' } });
      assertProblem(response, 400, /x-api-version.*`new`/, { header: 'x-api-version' });
    }
  });
});

describe('Json, String and Bytes', () => {
  test('Json reads and writes JSON', async () => {
    await assertJson('json-body', { x: 2.5, y: -1 }, json('{"x":-1,"y":2.5,"z":null}'));
    await assertJson('json-body', { x: 2, y: 1 }, json('\ufeff{"x":1,"y":2}'));
  });
  test('Json prints values as JavaScript does', async () => {
    const numbers = [0, 2, -1.5, 0.1, 1e21, 1e-7, 5e-324, 2 ** 53, 1e20, 123456.789, -(2 ** 63), 1 / 3];
    const exponents = Array.from({ length: 80 }, (_, index) => (index + 1) * 1.1 ** index * (-1) ** index);
    const special = Array.from({ length: 0x90 }, (_, code) => String.fromCharCode(code)).join('');
    const ends = Array.from({ length: 40 }, (_, length) => 'x'.repeat(length));
    const escapes = [...special].flatMap((character) => ends.map((end) => end + character + end));
    const values = [
      ...numbers,
      ...exponents,
      special,
      ...ends,
      ...escapes,
      'é🦀',
      null,
      true,
      [],
      {},
      [{ a: [{}] }],
    ];
    const text = JSON.stringify(values);
    const response = await host.send('json-again', json(text));
    assert.equal(response.text, text);
    const spaced = JSON.stringify(values, null, 3).replace(
      /[^\0-\x7f]/g,
      (c) => `\\u${c.charCodeAt().toString(16).padStart(4, '0')}`,
    );
    assert.equal((await host.send('json-again', json(spaced))).text, text);
  });

  test('invalid JSON is rejected with 400 and the byte', async () => {
    assertProblem(await host.send('json-body', json('{"x":1,\n"y":?}')), 400, /line 2/, { offset: 12 });
  });
  test('JSON that does not fit the type is rejected with 400', async () => {
    assertProblem(await host.send('json-body', json('{"x":1}')), 400, /`y`/);
    assertProblem(await host.send('json-body', json('{"x":"1","y":2}')), 400, /string/);
    assertProblem(await host.send('json-body', json('')), 400, /the end of the text/);
    assertProblem(await host.send('json-body', json('{"x":1,"y":2}{')), 400, /more text/, { offset: 13 });
  });
  test('Option<Json> is None for an empty body', async () => {
    await assertJson('json-optional', false, post(''));
    await assertJson('json-optional', true, json('{"x":1,"y":2}'));
    assertProblem(await host.send('json-optional', json('{}')), 400, /`x`/);
    assertProblem(await host.send('json-optional', post('{"x":1,"y":2}')), 415, /text\/plain/);
  });

  test('Result<Json> hands the problem to the function', async () => {
    const { status, text } = await host.send('json-result', json('{"x":1}'));
    assert.equal(status, 422);
    assert.match(text, /`y`/);
    assert.equal((await host.send('json-result', json('{"x":1,"y":2}'))).text, '1 2');
    assert.match((await host.send('json-result', post('{"x":1,"y":2}'))).text, /send the header/);
  });

  test('Json accepts several content types', async () => {
    for (const type of [
      'application/json',
      'Application/JSON;Charset=UTF-8',
      'application/problem+json',
      'application/vnd.api+json ; version=1',
    ])
      await assertJson('json-body', { x: 2, y: 1 }, json('{"x":1,"y":2}', type));
  });
  test('another content type is rejected with 415, which names the header to send', async () => {
    const says = /send the header `Content-Type: application\/json`/;
    for (const type of [
      'text/plain',
      'text/plain; application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=json',
      'text/json',
      'application/jsonp',
      'application/+json',
    ])
      assertProblem(await host.send('json-body', json('{"x":1,"y":2}', type)), 415, says, {
        header: 'content-type',
      });
    // A `Blob` without a type has no Content-Type, and browsers send it to other sites without a preflight request.
    const untyped = new Blob(['{"x":1,"y":2}']);
    assertProblem(await host.send('json-body', { method: 'POST', body: untyped }), 415, says);
    assertProblem(await host.send('json-body', { method: 'POST' }), 415, /has no Content-Type/);
  });

  test('String reads a text', () => assertJson('text', [3, 'é😀\n'], post('é😀\n')));
  test('a body that is not UTF-8 is rejected with 400 and the byte', async () => {
    const wrong = Buffer.from([0x61, 0xc3, 0xa9, 0xff]);
    assertProblem(await host.send('text', post(wrong)), 400, /UTF-8/, { offset: 3 });
  });
  test('a body longer than max_body is rejected with 413', async () => {
    await assertJson('text', [1024, 'x'.repeat(1024)], post('x'.repeat(1024)));
    assertProblem(await host.send('text', post('x'.repeat(1025))), 413, /1024 bytes/);
  });

  test('Bytes has the bytes of the body', async () => {
    const bytes = Buffer.from(
      Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff),
    );
    const response = await host.send('bytes', post(bytes));
    assert.equal(response.headers.get('content-type'), 'application/octet-stream');
    assert.ok(bytes.equals(response.bytes));
    assert.equal((await host.send('bytes', post(''))).bytes.length, 0);
  });
});

describe('several arguments', () => {
  test('Request has the whole request', async () => {
    const init = { method: 'PUT', body: 'abc', headers: { 'x-api-version': '9' } };
    const path = 'whole/one/t%20wo?q=1&q=%C3%A9';
    await assertJson(
      path,
      {
        method: 'PUT',
        url: `${host.url}/api/${path}`,
        params: [
          ['a', 'one'],
          ['b', 't wo'],
        ],
        query: [
          ['q', '1'],
          ['q', 'é'],
        ],
        version: '9',
        length: 3,
      },
      init,
    );
    const { json } = await host.send('whole/one', { method: 'PUT' });
    assert.deepEqual([json.params, json.length, json.version], [[['a', 'one']], 0, null]);
  });

  test('each argument reads its part', async () => {
    await assertJson('mixed/7?page=3', [7, 3, 5, true, 5], post('12345'));
    assertProblem(await host.send('mixed/x?page=x', post('')), 400, /route parameters/);
    assertProblem(await host.send('mixed/7?page=x', post('')), 400, /query string/);
  });

  test('a custom extractor reads a header field', async () => {
    assert.equal((await host.send('custom', { headers: { authorization: 'Bearer Ada' } })).text, 'Ada');
    const rejection = await host.send('custom');
    assertProblem(rejection, 401, /who you are/);
    assert.equal(rejection.headers.get('www-authenticate'), 'Bearer');
  });

  test('a method that the function does not have is refused', async () => {
    for (const init of [{ method: 'DELETE' }, post('')]) {
      const { status } = await host.send('path-one/1', init);
      assert.ok([404, 405].includes(status), String(status));
    }
  });
});
