// Tests components as their tools make them. guests.test.mjs compares the answers of the component in Rust.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { components, startHost } from './host.mjs';

describe('a component', { skip: !components.includes('component') && 'it is not built' }, () => {
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

  it('that passes a million header fields at once fails alone', async () => {
    assert.equal((await host.post('hoard-component', '')).status, 500);
    await answers();
  });

  it('that calls itself until the stack ends fails alone', async () => {
    assert.equal((await host.post('deep-component', '')).status, 500);
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

  it('writes its standard error into the log, and why it failed', () => {
    assert.match(host.printed(), /\[error\] panic-component \S+ this function ends in a panic/);
    assert.match(host.printed(), /it passes more than 16777216 bytes to one call of an import/);
  });
});

for (const [name, { counts, asked, panic }] of Object.entries({
  'javascript-component': {
    counts: ['1', '1', '1'],
    asked: ['refused: Error', 1],
    panic: /this function ends in an error/,
  },
  'python-component': {
    counts: ['1', '2', '3'],
    asked: ['ErrorCode_HttpRequestDenied PermissionError', 2],
    panic: /ValueError: an exception/,
  },
})) {
  const isOld = name === 'python-component' && Number.parseInt(process.versions.node, 10) < 22;
  const skip = isOld ? 'it needs Node.js 22' : !components.includes(name) && 'it is not built';
  describe(`the ${name}`, { skip }, () => {
    let host;
    before(async () => {
      const timeout = `BLUECRAB_TIMEOUT_ENDLESS_${name.replace('-', '_').toUpperCase()}`;
      host = await startHost({ GUESTS_ONLY: name, BLUECRAB_THREADS: '1', [timeout]: '1s' });
    });
    after(() => host?.stop());

    const text = async (start, body = '') => {
      const answer = await host.post(`${start}-${name}`, body, 'text/plain');
      return [answer.status, answer.bytes.toString()];
    };

    /** Waits until the host has printed so many matches: a log entry may come after the response. */
    const logged = async (pattern, count = 1) => {
      for (let wait = 0; wait < 1000; wait++) {
        const found = host.printed().match(pattern) ?? [];
        if (found.length >= count) return found;
        await sleep(20);
      }
      return assert.fail(host.printed());
    };

    it('counts the calls of its instance', async () => {
      for (const count of counts) assert.deepEqual(await text('count'), [200, count]);
    });

    it('gives body and media type back', async () => {
      for (const length of [0, 1, 5000, 1 << 20]) {
        const body = Buffer.alloc(length, 'crab');
        const answer = await host.post(`echo-${name}`, body, 'text/x-"quoted"');
        assert.deepEqual([answer.status, answer.type], [200, 'text/x-"quoted"']);
        assert.ok(answer.bytes.equals(body));
      }
    });

    it('is refused the network, which the log says', async () => {
      const [answer, attempts] = asked;
      assert.deepEqual(await text('ask'), [200, answer]);
      const refused = await logged(/\[warning\] ask-\S+ \S+ the component tried to .*/g, attempts);
      assert.match(
        refused[0],
        /send GET https?:\/\/example\.com\/page, which is refused: a component has no network/,
      );
    });

    it('is ended at its deadline, fails alone, and answers the next call', async () => {
      assert.equal((await text('endless'))[0], 504);
      assert.deepEqual(await text('echo', 'next'), [200, 'next']);
      assert.equal((await text('panic'))[0], 500);
      assert.deepEqual(await text('echo', 'next'), [200, 'next']);
      await logged(panic);
    });
  });
}
