// Tests the failures of a component. guests.test.mjs compares its answers with Rust's.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { languages, startHost } from './host.mjs';

describe('a component', { skip: !languages.includes('component') && 'it is not built' }, () => {
  let host;
  before(async () => {
    host = await startHost({ GUESTS_ONLY: 'component', BLUECRAB_TIMEOUT_ENDLESS_COMPONENT: '500ms' });
  });
  after(() => host?.stop());

  const answers = async () => {
    const answer = await host.post('echo-component', 'next', 'text/plain');
    assert.deepEqual([answer.status, answer.type, answer.bytes.toString()], [200, 'text/plain', 'next']);
  };

  it('that loops for ever is ended at its deadline, and the next call is answered', async () => {
    const answer = await host.post('endless-component', '');
    assert.deepEqual([answer.status, answer.type], [504, 'application/problem+json']);
    await answers();
  });

  it('that panics again and again is answered each time', async () => {
    for (let call = 0; call < 5; call++) {
      assert.equal((await host.post('panic-component', '')).status, 500);
      await answers();
    }
  });

  it('that asks for more memory than it may have fails by itself', async () => {
    assert.equal((await host.post('greedy-component', '')).status, 500);
    await answers();
  });

  it('is not given a body that is too long', async () => {
    assert.equal((await host.post('greedy-component', Buffer.alloc(1025))).status, 413);
  });

  it('answers many calls at once', async () => {
    const bodies = Array.from({ length: 40 }, (_, index) => `${index} `.repeat(index * 1000));
    const given = await Promise.all(bodies.map((body) => host.post('echo-component', body, 'text/plain')));
    assert.deepEqual(
      given.map(({ bytes }) => bytes.toString()),
      bodies,
    );
  });

  it('writes its standard error into the log', () => {
    assert.match(host.printed(), /\[error\] panic-component \S+ this function ends in a panic/);
  });
});
