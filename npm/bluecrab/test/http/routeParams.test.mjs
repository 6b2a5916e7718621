// Route parameters come from the path of the URL, even if `params` of `@azure/functions` has other values.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { source } from '../source.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bluecrab-route-'));
process.chdir(folder);
after(() => rmSync(folder, { recursive: true, force: true }));

/** Values that a client sets in its query or JSON body; `@azure/functions` adds them to `params`. */
const EVIL = { id: 'evil', name: 'evil', extension: 'evil', rest: 'evil', page: 'evil', other: 'evil' };

async function params(route, path, given = EVIL) {
  const { paramsReader } = await source('http/routeParams');
  return paramsReader(route)({ url: `http://localhost${path}`, params: given });
}

describe('with the prefix api', () => {
  for (const [route, path, expected] of [
    ['rows', '/api/rows?id=1', {}],
    ['rows/{id}', '/api/rows/7', { id: '7' }],
    ['rows/{id?}', '/api/rows', {}],
    ['rows/{id?}', '/api/rows/', {}],
    ['rows/{id?}', '/api/rows/7', { id: '7' }],
    ['rows/{id:int?}/{name?}', '/api/rows/7', { id: '7' }],
    ['rows/{id=5}', '/api/rows', { id: '5' }],
    ['rows/{id:int=5}', '/api/rows/6', { id: '6' }],
    ['/Rows/{id}/', '/API/r%6Fws/7/', { id: '7' }],
    ['rows/{id}/x', '/api/rows/%2Fetc%2fa%25/x', { id: '%2Fetc%2fa%' }],
    ['rows/{id}', '/api/rows/a%20b%C3%A9%2520', { id: 'a bé%20' }],
    ['rows/{id}', '/api/rows/%FF%41', { id: '%FF%41' }],
    ['rows/{id:length(1,3):alpha}', '/api/rows/abc', { id: 'abc' }],
    ['rows/{id:regex(^a/[[b=?]]{{2}}$)}/{name?}', '/api/rows/a', { id: 'a' }],
    ['files/{*rest}', '/api/files', {}],
    ['files/{*rest}', '/api/files/a/b%20c/', { rest: 'a/b c/' }],
    ['files/{**rest}', '/api/files/a', { rest: 'a' }],
    ['files/{name}.{extension}', '/api/files/a.tar.gz', { name: 'a.tar', extension: 'gz' }],
    ['files/{name}.{extension?}', '/api/files/a.gz', { name: 'a', extension: 'gz' }],
    ['files/{name}.{extension?}', '/api/files/a', { name: 'a' }],
    ['files/v{id}-{name}/all', '/api/files/v1-b/all', { id: '1', name: 'b' }],
    ['files/{a}-{b}.json', '/api/files/x-y-.json', { a: 'x', b: 'y-' }],
    ['files/{a}--{b}', '/api/files/x--y--', { a: 'x', b: 'y--' }],
    ['{page}/{id?}', '/api/7', { page: '7' }],
    ['rows/{__proto__}/{constructor?}', '/api/rows/7', { ['__proto__']: '7' }],
  ]) {
    test(`${route} of ${path}`, async () => assert.deepEqual(await params(route, path), expected));
  }

  test('the parameters of a long path are found without trying every way in which it could match', async () => {
    const many = `${'.'.repeat(20_000)}${'-'.repeat(20_000)}`;
    const expected = { a: 'x', b: 'y', c: 'z', d: `w${many}` };
    assert.deepEqual(await params('files/{a}.{b}-{c}_{d}', `/api/files/x.y-z_w${many}`), expected);
  });

  test('if the path does not match, required parameters have the values of the host', async () => {
    assert.deepEqual(await params('rows/{id}/{name?}', '/rewritten/x', { ...EVIL, id: '7' }), { id: '7' });
  });
});

test('the prefix comes from host.json or an app setting', async () => {
  const write = (prefix) =>
    writeFileSync('host.json', `\ufeff{"extensions": {"http": {"routePrefix": "${prefix}",}}} // "comment"`);
  write('');
  assert.deepEqual(await params('one/{id?}', '/one/7'), { id: '7' });
  write('v1//*x*/shop');
  assert.deepEqual(await params('two/{id?}', '/v1/*x*/shop/two/7'), { id: '7' });
  process.env.AzureFunctionsJobHost__extensions__http__routePrefix = 'set';
  assert.deepEqual(await params('three/{id?}', '/set/three/7'), { id: '7' });
  delete process.env.AzureFunctionsJobHost__extensions__http__routePrefix;
});
