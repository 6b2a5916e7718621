import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { source } from '../source.mjs';

const { exchangeOf, watchExchanges } = await source('http/exchange');

test('when the first connection closes, a request that was sent again stays known', () => {
  watchExchanges();
  const arrive = () => {
    const response = new EventEmitter();
    const request = { headers: { 'x-ms-invocation-id': 'one' } };
    channel('http.server.request.start').publish({ request, response });
    return response;
  };
  const [lost, again] = [arrive(), arrive()];
  lost.emit('close');
  assert.equal(exchangeOf('one')?.response, again);
  again.emit('close');
  assert.equal(exchangeOf('one'), undefined);
});
