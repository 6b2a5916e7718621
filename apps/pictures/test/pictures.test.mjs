import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode } from 'blurhash';
import { startAzurite } from '../../azurite/azurite.mjs';
import { startHost } from '../../host.mjs';
import { difference, isClose } from '../../jobs/difference.mjs';
import { pixels } from '../../jobs/generate.mjs';
import { encode } from '../../jobs/pictures.mjs';

/** An app with a storage of its own. */
async function start(name) {
  const azurite = await startAzurite();
  const env = { AzureWebJobsStorage: azurite.connection };
  const host = await startHost(new URL(`../${name}`, import.meta.url).pathname, { env });
  const call = async (method, path, body) => {
    const response = await fetch(`${host.url}${path}`, { method, body });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const json = async (path) => JSON.parse((await call('GET', path)).bytes.toString());
  /** Repeats until it returns something. */
  const until = async (what, work) => {
    for (let tries = 0; tries < 1200; tries += 1) {
      const result = await work();
      if (result) return result;
      await sleep(50);
    }
    throw new Error(`${name}: waited in vain for ${what}:\n${host.printed()}`);
  };
  return {
    call,
    json,
    listed: (count) =>
      until(`${count} pictures`, async () => {
        const list = await json('/api/pictures');
        return list.length === count && list.sort((one, two) => one.name.localeCompare(two.name));
      }),
    report: async () => {
      // The timer may have written an earlier report at its own time, so this waits until the function has ended.
      const run = await fetch(`${host.url}/admin/functions/report`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', prefer: 'wait' },
        body: '{}',
      });
      assert.equal(run.status, 200);
      return json('/api/report');
    },
    async stop() {
      await host.stop();
      azurite.stop();
    },
  };
}

let sides;
before(async () => {
  sides = await Promise.all(['javascript', 'rust'].map(start));
});
after(() => Promise.all((sides ?? []).map((side) => side.stop())));

/** Asserts that two rows of the list have the same sizes, and BlurHashes of the same picture. */
function assertSame({ blurHash: one, ...rust }, { blurHash: two, ...javascript }) {
  assert.deepEqual(rust, javascript);
  const [a, b] = [one, two].map((hash) => decode(hash, 32, 32));
  const sum = a.reduce((sum, channel, index) => sum + Math.abs(channel - b[index]), 0);
  assert.ok(sum / a.length < 16, `${one} and ${two} differ by ${sum / a.length} of 255`);
}

/** Returns what both sides return. */
const both = (work) => Promise.all(sides.map(work));

test('uploaded pictures become three sizes and a BlurHash, the same in JavaScript and in Rust', async () => {
  const files = {
    'broken.png': Buffer.from('text'),
    'small.png': await encode(pixels(40, 30, 1), 'image/png'),
    'tall.jpg': await encode(pixels(300, 1200, 2), 'image/jpeg'),
    'wide.png': await encode(pixels(1601, 603, 3), 'image/png'),
  };
  for (const [name, file] of Object.entries(files)) {
    const uploaded = await both((side) => side.call('PUT', `/api/pictures/${name}`, file));
    assert.deepEqual(
      uploaded.map(({ status }) => status),
      [202, 202],
    );
  }
  const [javascript, rust] = await both((side) => side.listed(4));
  for (let index = 1; index < 4; index += 1) assertSame(rust[index], javascript[index]);
  assert.deepEqual(
    rust.map(({ name, width, height }) => [name, width, height]),
    [
      ['broken.png', undefined, undefined],
      ['small.png', 40, 30],
      ['tall.jpg', 300, 1200],
      ['wide.png', 1601, 603],
    ],
  );
  for (const [broken] of [javascript, rust]) assert.match(broken.reason, /expected a JPEG or PNG/);

  const expected = { large: [1024, 386], medium: [320, 121], small: [64, 24] };
  for (const [size, sides] of Object.entries(expected)) {
    for (const name of ['wide.png', 'tall.jpg', 'small.png']) {
      const [one, two] = await both((side) => side.call('GET', `/api/pictures/${name}/${size}`));
      const found = await difference(one.bytes, two.bytes);
      assert.ok(isClose(found), `${name} ${size}: ${JSON.stringify(found)}`);
      if (name === 'wide.png') assert.deepEqual([found.width, found.height], sides);
    }
  }
  const missing = await both((side) => side.call('GET', '/api/pictures/none.png/small'));
  assert.deepEqual(
    missing.map(({ status }) => status),
    [404, 404],
  );
});

test('the timer reports what the table has', async () => {
  const reports = await both((side) => side.report());
  const expected = { pictures: 3, failed: 1, pixels: 40 * 30 + 300 * 1200 + 1601 * 603 };
  assert.deepEqual(reports, [expected, expected]);
});

test('a picture that is uploaded again replaces its sizes and its row', async () => {
  const file = await encode(pixels(20, 10, 4), 'image/png');
  await both((side) => side.call('PUT', '/api/pictures/small.png', file));
  const [javascript, rust] = await both(async (side) => {
    for (;;) {
      const list = await side.listed(4);
      if (list[1].width === 20) return list[1];
      await sleep(50);
    }
  });
  assertSame(rust, javascript);
});
