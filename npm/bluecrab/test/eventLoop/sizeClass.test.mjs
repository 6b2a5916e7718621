import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { source } from '../source.mjs';

const { SizeClass } = await source('eventLoop/sizeClass');

/** How long short and long calls take. */
const [SHORT, LONG] = [0.01, 1];

/** Counts the calls that go to the threads until one is tried on the event loop again. */
function threadCalls(sizeClass) {
  let count = 0;
  for (; !sizeClass.isShort; count++) sizeClass.skip();
  return count;
}

/** Returns the class after its first call. */
function afterFirst() {
  const sizeClass = new SizeClass();
  sizeClass.skip();
  return sizeClass;
}

describe('the calls of a size', () => {
  test('are expected to be short after the first', () => {
    const sizeClass = new SizeClass();
    assert.equal(threadCalls(sizeClass), 1);
    assert.ok(sizeClass.isShort);
  });

  test('go to the threads after a call whose fuel ends, twice as many each time, up to a limit', () => {
    const sizeClass = afterFirst();
    const counts = Array.from({ length: 10 }, () => {
      sizeClass.ranOut(LONG);
      return threadCalls(sizeClass);
    });
    assert.deepEqual(counts, [16, 32, 64, 128, 256, 512, 1024, 1024, 1024, 1024]);
  });

  test('get more fuel if it ends early, once', () => {
    const sizeClass = afterFirst();
    const { units } = sizeClass;
    sizeClass.ranOut(SHORT);
    assert.ok(sizeClass.isShort);
    assert.equal(sizeClass.units, 4 * units);
    sizeClass.ranOut(SHORT);
    assert.ok(!sizeClass.isShort);
    assert.equal(sizeClass.units, 4 * units);
  });

  test('get less fuel again if it lasts much too long', () => {
    const sizeClass = afterFirst();
    const { units } = sizeClass;
    sizeClass.ranOut(SHORT);
    sizeClass.ranOut(10);
    assert.equal(sizeClass.units, units);
  });

  test('go to the threads after two slow calls in a row, but not after one', () => {
    const sizeClass = afterFirst();
    for (const milliseconds of [LONG, SHORT, LONG]) sizeClass.ended(milliseconds);
    assert.ok(sizeClass.isShort);
    sizeClass.ended(LONG);
    assert.equal(threadCalls(sizeClass), 16);
  });

  test('go on as before after an exception', () => {
    const sizeClass = afterFirst();
    for (let round = 0; round < 5; round++) {
      sizeClass.ranOut(LONG);
      assert.equal(threadCalls(sizeClass), 16);
      for (let count = 0; count < 32; count++) sizeClass.ended(SHORT);
    }
  });

  test('mostly go to the threads if one of ten is long', () => {
    const sizeClass = afterFirst();
    let [tried, calls] = [0, 0];
    for (let number = 0; calls < 100_000; number++) {
      calls += threadCalls(sizeClass) + 1;
      tried++;
      if (number % 10 === 9) sizeClass.ranOut(LONG);
      else sizeClass.ended(SHORT);
    }
    assert.ok(tried < 2000, `${tried} of ${calls} calls were tried on the event loop`);
  });
});
