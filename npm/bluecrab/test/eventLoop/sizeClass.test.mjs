import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { source } from '../source.mjs';

const { MOST_UNITS, SizeClass } = await source('eventLoop/sizeClass');

/** How long calls take, and how much fuel they use. */
const SHORT = [0.01, 100_000];
const LONG = [1, 5_000_000];

/** Counts the calls that go to the threads until one is rehearsed. */
function threadCalls(sizeClass) {
  let count = 1;
  while (!sizeClass.skip()) count++;
  return count;
}

/** Returns the class after a first call that used some fuel. */
function afterFirst(units = 100_000) {
  const sizeClass = new SizeClass();
  sizeClass.skip();
  sizeClass.rehearsed(units);
  return sizeClass;
}

describe('the calls of a size', () => {
  test('are expected to be short once the first has been rehearsed', () => {
    const sizeClass = new SizeClass();
    assert.equal(threadCalls(sizeClass), 1);
    assert.ok(!sizeClass.isShort);
    sizeClass.rehearsed(100_000);
    assert.ok(sizeClass.isShort);
  });

  test('go to the threads after a call or rehearsal whose fuel ends, twice as many each time, up to a limit', () => {
    const sizeClass = afterFirst();
    const counts = Array.from({ length: 10 }, () => {
      sizeClass.useThreads();
      assert.ok(!sizeClass.isShort);
      return threadCalls(sizeClass);
    });
    assert.deepEqual(counts, [16, 32, 64, 128, 256, 512, 1024, 1024, 1024, 1024]);
  });

  test('get more fuel if the rehearsal used much', () => {
    const few = afterFirst();
    assert.ok(few.units < MOST_UNITS);
    assert.equal(afterFirst(few.units - 1).units, MOST_UNITS);
  });

  test('go to the threads after two slow calls in a row, but not after one', () => {
    const sizeClass = afterFirst();
    for (const call of [LONG, SHORT, LONG]) sizeClass.ended(...call);
    assert.ok(sizeClass.isShort);
    sizeClass.ended(...LONG);
    assert.equal(threadCalls(sizeClass), 16);
  });

  test('are short on a busy machine too, if they use little fuel', () => {
    const sizeClass = afterFirst();
    for (let count = 0; count < 10; count++) sizeClass.ended(100, 100_000);
    assert.ok(sizeClass.isShort);
  });

  test('go on as before after an exception', () => {
    const sizeClass = afterFirst();
    for (let round = 0; round < 5; round++) {
      sizeClass.useThreads();
      assert.equal(threadCalls(sizeClass), 16);
      sizeClass.rehearsed(100_000);
      for (let count = 0; count < 32; count++) sizeClass.ended(...SHORT);
    }
  });

  test('mostly go to the threads if one of ten is long', () => {
    const sizeClass = afterFirst();
    let [tried, calls] = [0, 0];
    for (let number = 0; calls < 100_000; number++) {
      calls++;
      const isLong = number % 10 === 9;
      if (sizeClass.isShort) {
        tried++;
        if (isLong) sizeClass.useThreads();
        else sizeClass.ended(...SHORT);
      } else if (sizeClass.skip()) {
        if (isLong) sizeClass.useThreads();
        else sizeClass.rehearsed(100_000);
      }
    }
    assert.ok(tried < 2000, `${tried} of ${calls} calls were tried on the event loop`);
  });
});
