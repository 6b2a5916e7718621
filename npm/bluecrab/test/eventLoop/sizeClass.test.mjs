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
    for (let count = 0; count < 10; count++) sizeClass.ended(100, 2_500_000);
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

  for (const [longCalls, most] of [
    [1, 16],
    [3, 17],
    [10, 129],
  ]) {
    test(`return after ${most} calls that are short on a thread, after ${longCalls} that were long`, () => {
      const sizeClass = afterFirst();
      for (let count = 0; count < longCalls; count++) sizeClass.useThreads();
      sizeClass.ranOnThread(LONG[0]);
      let count = 1;
      for (; !sizeClass.skip(); count++) sizeClass.ranOnThread(SHORT[0]);
      assert.equal(count, most);
    });
  }

  test('stay on the threads if one of a few calls is long there', () => {
    const sizeClass = afterFirst();
    for (let count = 0; count < 10; count++) sizeClass.useThreads();
    let count = 1;
    for (; !sizeClass.skip(); count++) sizeClass.ranOnThread(count % 100 === 0 ? LONG[0] : SHORT[0]);
    assert.equal(count, 1024);
  });

  // The time depends on the content of the body. Long calls come at random, or many in a row.
  for (const [share, inARow] of [
    [0.001, 1],
    [0.01, 1],
    [0.1, 1],
    [0.5, 1],
    [0.9, 1],
    [0.1, 100],
    [0.5, 10],
    [0.5, 1000],
  ]) {
    test(`seldom change sides if ${share * 100} % are long, ${inARow} in a row`, () => {
      const calls = 100_000;
      const isLong = longCalls(share, inARow);
      const sizeClass = afterFirst();
      let [tried, changes] = [0, 0];
      for (let number = 0; number < calls; number++) {
        const wasShort = sizeClass.isShort;
        const [milliseconds, units] = isLong() ? LONG : SHORT;
        if (wasShort) {
          // The fuel of a long call ends.
          if (units === LONG[1]) {
            tried++;
            sizeClass.useThreads();
          } else sizeClass.ended(milliseconds, units);
        } else {
          const isRehearsed = sizeClass.skip();
          sizeClass.ranOnThread(milliseconds);
          if (isRehearsed && units === LONG[1]) sizeClass.useThreads();
          else if (isRehearsed) sizeClass.rehearsed(units);
        }
        if (sizeClass.isShort !== wasShort) changes++;
      }
      assert.ok(tried <= calls / 100, `${tried} long calls were tried on the event loop`);
      assert.ok(changes <= calls / 50, `the calls changed sides ${changes} times`);
    });
  }
});

/** Returns a function that says of each call whether it is long. The draws are the same in each run. */
function longCalls(share, inARow) {
  let [seed, left, isLong] = [1, 0, false];
  return () => {
    if (left === 0) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      isLong = seed / 2 ** 32 < share;
      left = inARow;
    }
    left--;
    return isLong;
  };
}
