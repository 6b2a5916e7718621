// One thread of the differential test: its share of the pairs and of the batches of numbers.

import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { MatrixModule } from '../lib/module.mjs';
import { mathjs, native, wasm } from './answerers.mjs';
import { BATCH, firstDifference, numberBatch } from './numbers.mjs';
import { pairBody } from './pairs.mjs';

const { app, modules, numbersModule, program, seed, pairs, batches, threads, thread } = workerData;
const inMathjs = mathjs(app);
const inWasm = modules.map((file) => [basename(file), wasm(file)]);
const numbersInWasm = new MatrixModule(numbersModule);
const natively = native(program);
const counts = { answered: 0, refused: 0, numbers: 0 };

for (let index = thread; index < pairs; index += threads) await comparePair(index);
for (let index = thread; index < batches; index += threads) await compareNumbers(index);
natively.end();
report();

async function comparePair(index) {
  const body = pairBody(seed, index);
  const nativeAnswer = natively.ask('p', body);
  const answers = {
    'Math.js': await attempt(() => inMathjs(body)),
    natively: await attempt(() => nativeAnswer),
  };
  for (const [name, answer] of inWasm) answers[name] = await attempt(() => answer(body));
  const [expected, ...others] = Object.values(answers);
  if (!others.every((answer) => same(answer, expected))) {
    mismatch({ what: `pair ${index}`, question: body, answers });
  }
  counts[expected === undefined ? 'refused' : 'answered']++;
  if (index % 500 === thread) report();
}

/** An answer that is an error is neither an answer nor a refusal. */
async function attempt(answer) {
  try {
    return await answer();
  } catch (error) {
    return `failed: ${error.message}`;
  }
}

/** The same bytes, or both refused. */
function same(one, two) {
  if (Buffer.isBuffer(one) && Buffer.isBuffer(two)) return one.equals(two);
  return one === undefined && two === undefined;
}

async function compareNumbers(index) {
  const { numbers, text } = numberBatch(seed, index);
  const bytes = Buffer.from(numbers.buffer);
  const printed = Buffer.from(JSON.stringify({ result: Array.from(numbers) }));
  const read = Float64Array.from(JSON.parse(text)[0]);
  const sides = [
    ['in WebAssembly', Buffer.from(numbersInWasm.printNumbers(numbers)), numbersInWasm.parseNumbers(text)],
    ['natively', await natively.ask('w', bytes), toDoubles(await natively.ask('r', text))],
  ];
  for (const [where, ownPrinted, ownRead] of sides) {
    const difference = firstDifference(printed, ownPrinted);
    if (difference) {
      const answers = { JavaScript: difference.one, [`print ${where}`]: difference.two };
      mismatch({
        what: `number ${difference.at} of batch ${index}, printed`,
        question: bits(numbers, difference.at),
        answers,
      });
    }
    const at = read.findIndex((number, place) => !Object.is(number, ownRead[place]));
    if (at >= 0 || ownRead.length !== read.length) {
      const answers = { JavaScript: read[at], [`parse ${where}`]: ownRead[at] };
      const question = text.toString().slice(2).split(/[\],]/)[at];
      mismatch({ what: `number ${at} of batch ${index}, read`, question, answers });
    }
  }
  counts.numbers += BATCH;
  if (index % 10 < threads) report();
}

function toDoubles(bytes = Buffer.alloc(0)) {
  return new Float64Array(Uint8Array.from(bytes).buffer);
}

function bits(numbers, at) {
  return `0x${new BigUint64Array(numbers.buffer)[at]?.toString(16).padStart(16, '0')}`;
}

function mismatch({ what, question, answers }) {
  const texts = Object.entries(answers).map(([who, answer]) => [
    who,
    answer === undefined ? 'refused' : String(answer),
  ]);
  parentPort.postMessage({ mismatch: { what, question: String(question), answers: texts } });
  throw new Error(`${what}: the answers differ`);
}

function report() {
  parentPort.postMessage({ thread, counts: { ...counts } });
}
