// With HTTP streaming the host forwards requests to the worker; without it, gRPC messages carry them. Functions must
// see the same requests, and clients the same responses.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startHost } from './host.mjs';

for (const [transport, env] of [
  ['HTTP streaming', {}],
  ['gRPC', { BLUECRAB_HTTP_STREAM: '0' }],
]) {
  describe(`over ${transport}`, () => {
    let host;
    before(async () => {
      host = await startHost(env);
    });
    after(() => host?.stop());

    const paramsOf = async (path, body = '{"a":"body","b":"body","id":"body"}') => {
      const headers = { 'content-type': 'application/json' };
      const { status, json, text } = await host.send(path, { method: 'PUT', headers, body });
      assert.equal(status, 200, text);
      return Object.fromEntries(json.params);
    };

    test('route parameters come only from the path', async () => {
      assert.deepEqual(await paramsOf('whole/one?a=query&b=query'), { a: 'one' });
      assert.deepEqual(await paramsOf('whole/one/two?a=query&b=query'), { a: 'one', b: 'two' });
      assert.deepEqual(await paramsOf('WHOLE/%C3%A9%20?B=query'), { a: 'é ' });
    });

    test('a route in the app itself also reads only the path', async () => {
      assert.deepEqual(await paramsOf('own?id=query&a=query'), {});
      assert.deepEqual(await paramsOf('own/7?id=query&a=query'), { id: '7' });
      assert.deepEqual(await paramsOf('own/7/?id=query'), { id: '7' });
    });

    test('a body of unknown length arrives whole, or the client is told to declare the length', async () => {
      const body = new Blob(['{"a":', '1}']).stream();
      const headers = { 'content-type': 'application/json' };
      const response = await host.send('own/7', { method: 'PUT', headers, body, duplex: 'half' });
      if (transport === 'HTTP streaming') {
        assert.equal(response.status, 200, response.text);
        assert.deepEqual(response.json.params, [['id', '7']]);
        return;
      }
      assert.equal(response.status, 411);
      assert.match(response.json.detail, /Content-Length/);
      await host.prints(/^\[warning\] .*own.* BLUECRAB_HTTP_STREAM=1/m);
    });

    const cookiesOf = async (...lines) => {
      const response = await host.send('give-cookies', { method: 'POST', body: lines.join('\n') });
      assert.equal(response.status, 200, response.text);
      return response.headers.getSetCookie();
    };

    test('one cookie is sent unchanged', async () => {
      const cookies = await cookiesOf('session=aGk+/w==; Partitioned; Priority=High');
      assert.deepEqual(cookies, ['session=aGk+/w==; Partitioned; Priority=High']);
    });

    test('several cookies are sent unchanged, or the log names those that are not sent', async () => {
      const odd = ['session=aGk+/w==; Path=/', 'part=1; Secure; Partitioned', 'quoted="x y"', 'c d=1'];
      const cookies = await cookiesOf('plain=1', ...odd, 'last=a%20b');
      if (transport === 'HTTP streaming') {
        assert.deepEqual(cookies, ['plain=1', ...odd, 'last=a%20b']);
        return;
      }
      assert.deepEqual(cookies, ['plain=1', 'last=a%20b']);
      for (const name of ['session', 'part', 'quoted', 'c d']) {
        await host.prints(
          new RegExp(`^\\[warning\\] .*the cookie ${name}, one of several, .* not sent`, 'm'),
        );
      }
    });
  });
}
