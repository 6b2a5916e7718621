// The option `?fma=1`. It may change the rounding if the runtime fuses multiplications and additions, but nothing else.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { post, startHost } from './host.mjs';
import { generator, json, kinds, matrix } from './random.mjs';

const SIZE = 300;
/** A module with a function `f`, which returns `f64x2.relaxed_madd` of three numbers. */
const MADD = Buffer.from(
  '0061736d01000000' +
    '01080160037c7c7c017c' + // one type: (f64, f64, f64) -> f64
    '03020100' +
    '0705010166' + // exported as f
    '0000' +
    '0a160114' +
    '002000fd142001fd142002fd14' + // each parameter, copied to both lanes
    'fd8702' +
    'fd21000b',
  'hex',
);

/** Whether this Node.js has relaxed SIMD and the processor fuses: it does not round the product before the addition. */
function isFusing() {
  if (!WebAssembly.validate(MADD)) return false;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MADD));
  return exports.f(1 + 2 ** -30, 1 - 2 ** -30, -1) !== 0;
}

let host;
before(async () => {
  host = await startHost();
});
after(() => host?.stop());

test(`a fused product of ${SIZE}x${SIZE} differs only in rounding`, async (context) => {
  const random = generator(44);
  const [one, two] = [matrix(random, SIZE, SIZE, kinds.uniform), matrix(random, SIZE, SIZE, kinds.uniform)];
  const body = `[${json(one, 'rows')},${json(two, 'rows')}]`;
  const [exact, again, fused] = [
    await post(host, 'multiply-rust', body),
    await post(host, 'multiply-mathjs', body),
    await post(host, 'multiply-rust?fma=1', body),
  ];
  assert.equal(exact.text, again.text, 'without the option, the bytes must be the same as from Math.js');
  const numbers = ({ text }) => JSON.parse(text).result.flat();
  const wanted = numbers(exact);
  let others = 0;
  for (const [index, number] of numbers(fused).entries()) {
    const difference = Math.abs(number - wanted[index]);
    assert.ok(difference <= 1e-12 * Math.abs(wanted[index]), `${index}: ${number}, not ${wanted[index]}`);
    if (difference !== 0) others++;
  }
  context.diagnostic(
    `Node.js ${process.version}: ${others} of ${wanted.length} numbers are rounded differently`,
  );
  assert.equal(others > 0, isFusing());
});
