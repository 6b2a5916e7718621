// More calls than threads: calls wait, are refused, or lose their clients.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertProblem, eventually, startHost } from './host.mjs';
import { figure, tally } from './tally.mjs';

const QUEUED = 64;
const CALLS = 200;

describe('queue', () => {
  let host;
  before(async () => {
    // Short calls on the event loop would need no place in the queue.
    const env = { BLUECRAB_THREADS: '1', BLUECRAB_QUEUE: String(QUEUED), BLUECRAB_INLINE: '0' };
    host = await startHost({ env });
    await host.good();
  });
  after(() => host?.stop());

  const underWay = (count) =>
    eventually(`${count} invocations`, async () => (await host.status()).invocationsUnderWay === count);

  /** Makes calls while the thread is busy. Returns how many are answered, and how many are refused meanwhile. */
  async function crowd(milliseconds) {
    const holding = host.start('holds', `${milliseconds} the thread ${milliseconds}`).answer;
    await host.printedThat(`holds for the thread ${milliseconds}`);
    let isHeld = true;
    holding.then(() => {
      isHeld = false;
    });
    let refused = 0;
    const others = Array.from({ length: CALLS - 1 }, async (_, index) => {
      const answer = await host.send('holds', `0 ${index}`);
      if (answer.status === 200) {
        assert.equal(answer.text, `held for ${index}`);
        return answer;
      }
      tally.faults++;
      assertProblem(answer, 503, /^too many calls are waiting; try again later$/);
      assert.match(answer.headers['retry-after'], /^\d+$/);
      if (isHeld) refused++;
      return answer;
    });
    const answers = [...(await Promise.all(others)), await holding];
    return [answers.filter(({ status }) => status === 200).length, refused];
  }

  test(`with ${CALLS} calls and one thread, 1 runs, ${QUEUED} wait, and the others are refused at once`, async () => {
    // On a busy machine the thread may be free again before all calls have come. Then it is held for longer.
    let [served, refused] = [0, 0];
    for (let time = 2000; time <= 16_000 && refused < CALLS - 1 - QUEUED; time *= 2) {
      [served, refused] = await crowd(time);
    }
    figure(`${CALLS} calls, 1 thread, a queue of ${QUEUED}: ${served} x 200, ${refused} x 503`);
    assert.deepEqual([served, refused], [1 + QUEUED, CALLS - 1 - QUEUED]);
    await host.good();
  });

  test('a waiting call never runs if its client disconnects', async () => {
    // Longer than the next calls take to come on a busy machine.
    const holding = host.send('holds', '6000 the others');
    await host.printedThat('holds for the others');
    const gone = Array.from({ length: 10 }, (_, index) => host.start('holds', `0 gone-${index}`));
    for (const { answer } of gone) answer.catch(() => undefined);
    await underWay(11);
    const kept = host.send('holds', '0 kept');
    await underWay(12);
    for (const { outgoing } of gone) outgoing.destroy();
    tally.faults += gone.length;
    await underWay(2);
    assert.equal((await holding).text, 'held for the others');
    assert.equal((await kept).text, 'held for kept');
    await host.good();
    assert.equal(host.printed.split('was not called: the client disconnected').length - 1, gone.length);
    assert.doesNotMatch(host.printed, /holds for gone/);
  });

  test('a client that disconnects while its call runs affects no other call', async () => {
    const { outgoing, answer } = host.start('holds', '500 nobody');
    answer.catch(() => undefined);
    await host.printedThat('holds for nobody');
    tally.faults++;
    outgoing.destroy();
    await host.good();
    await underWay(0);
  });
});

describe('uploads', () => {
  const MIB = 1 << 20;
  const head = (length) =>
    `POST /api/good HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
  let host;
  before(async () => {
    const env = { BLUECRAB_THREADS: '1', BLUECRAB_QUEUE: '3', BLUECRAB_BODY_BYTES: String(25 * MIB) };
    host = await startHost({ env });
    await host.good();
  });
  after(() => host?.stop());

  /** Starts uploads and sends only their beginnings. Returns the uploads and the answers of the refused uploads. */
  async function open(count, length, refused) {
    const begun = Array.from({ length: count }, () => host.raw(`${head(length)}the beginning`));
    const answers = () => begun.map(({ answer }) => answer()).filter((answer) => answer.includes('"detail"'));
    await eventually(`${refused} refusals`, () => answers().length === refused);
    tally.faults += count;
    return { begun, answers: answers() };
  }

  const breakOff = async (begun) => {
    for (const { socket } of begun) socket.destroy();
    await eventually(
      'the end of all invocations',
      async () => (await host.status()).invocationsUnderWay === 0,
    );
    await host.good();
  };

  test('beyond the queue are refused before they are sent', async () => {
    const { begun, answers } = await open(30, MIB, 26);
    for (const answer of answers) {
      assert.match(answer, /^HTTP\/1\.1 503 .*retry-after: 1\r\n.*too many calls are waiting/is);
    }
    await breakOff(begun);
  });

  test('beyond the limit of bytes are refused before they are sent', async () => {
    const { begun, answers } = await open(4, 10 * MIB, 2);
    for (const answer of answers) {
      assert.match(answer, /^HTTP\/1\.1 503 .*retry-after: 1\r\n.*too many bodies are in progress/is);
    }
    await breakOff(begun);
  });
});
