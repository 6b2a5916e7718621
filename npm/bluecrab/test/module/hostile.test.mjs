// A guest that does random things: its request is answered, and the next request is answered correctly.
//
// `cargo xtask fuzz --target guest` sets `BLUECRAB_FUZZ_SECONDS`, the duration, `BLUECRAB_FUZZ_INPUT`, a file of calls
// that failed before, and `BLUECRAB_FUZZ_ARTIFACTS`, the folder for such files.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { registerModule } from 'bluecrab';
import fc from 'fast-check';
import { agent, call, listen } from '../app.mjs';
import { answering, BODY_AT, operations, writeGuest } from './hostile.mjs';

const { BLUECRAB_FUZZ_SECONDS, BLUECRAB_FUZZ_INPUT, BLUECRAB_FUZZ_ARTIFACTS } = process.env;
/** This many runs take about two seconds. They are the same each time; the fuzzer tries others. */
const RUNS = 250;
/** Much longer than a call takes on a busy machine. */
const MAX_CALL_MS = 60_000;
/** The longest head that the platform's host accepts from a worker. */
const MAX_HEADER_BYTES = 64 << 10;
/** The longest entry: a guest's text is cut off, and the library adds some words. */
const MAX_ENTRY_CHARACTERS = 9000;
/**
 * How many entries a call can log: 1000 of any level, 100 warnings and errors, the last 100 of these, and two from the
 * library.
 */
const MAX_ENTRIES = 1000 + 100 + 100 + 2;

const word = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 8, 1024, BODY_AT, 3 * 65536, 3 * 65536 - 4, 3 * 65536 - 20),
  fc.constantFrom(0x7fffffff, 0x80000000, 0xfffffff8, 0xfffffffe, 0xffffffff),
  fc.nat(300),
  fc.nat(3 * 65536),
  fc.nat(0xffffffff),
);
const anyOperation = fc.tuple(fc.constantFrom(...operations), word, word, word, word);
/** Operations at valid addresses. */
const plausible = fc.oneof(
  fc.tuple(fc.constant('log'), fc.nat(9), fc.nat(130_000), fc.nat(60_000)),
  fc.tuple(fc.constant('store'), fc.nat(60_000), word),
  fc.tuple(fc.constant('write'), fc.constantFrom(1, 2), fc.nat(60_000), fc.nat(6), fc.nat(60_000)),
  fc.tuple(fc.constant('grow'), fc.constantFrom(0, 1, 2, 16, 65_000)),
  fc.tuple(fc.constant('random'), fc.nat(60_000), fc.nat(5000)),
  fc.tuple(fc.constant('lie'), word),
);

/** Strings of any code units, including lone surrogates. */
const units = fc.array(fc.nat(0xffff), { maxLength: 30 }).map((codes) => String.fromCharCode(...codes));
const text = fc.oneof(
  units,
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('', 'a\r\nx-split: 1', '\r\n\r\nHTTP/1.1 200 OK\r\n', 'a\0b', '\t', '\u00ff', '\u0100'),
  fc
    .tuple(fc.constantFrom('x', '\u00e9', '\n'), fc.constantFrom(300, 5000, 20_000, 65_536))
    .map(([unit, count]) => unit.repeat(count)),
);
const known = fc.constantFrom(
  'set-cookie',
  'content-type',
  'Content-Length',
  'transfer-encoding',
  'Connection',
);
const cookie = fc
  .tuple(fc.constantFrom('a=1', 'a="x"; Path=/', 'b=%zz', 'c'), text)
  .map((parts) => parts.join(''));
const field = fc.oneof(
  fc.tuple(fc.oneof(known, fc.constantFrom('x-a', '__proto__', 'x a', 'x\n'), text), text),
  fc.tuple(fc.constant('set-cookie'), cookie),
);
const head = fc.oneof(
  { weight: 5, arbitrary: fc.array(field, { maxLength: 5 }).map((headers) => JSON.stringify({ headers })) },
  fc.jsonValue().map((headers) => JSON.stringify({ headers })),
  fc.array(fc.jsonValue(), { maxLength: 3 }).map((headers) => JSON.stringify({ headers })),
  fc.json(),
  units,
  fc.uint8Array({ maxLength: 60 }).map((bytes) => [...bytes]),
  fc.constant(''),
);
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => [...array]);
const status = fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(0, 99, 101, 199, 600), word);
const fields = fc.oneof(
  fc.constant({}),
  fc.record({ status }),
  fc.record(
    { status, head: word, headLength: word, body: word, bodyLength: word, record: word },
    { requiredKeys: [] },
  ),
);
const anything = fc.record({
  name: fc.constantFrom('here', 'there'),
  before: fc.oneof(
    fc.constant([]),
    fc.array(plausible, { maxLength: 4 }),
    fc.array(anyOperation, { maxLength: 4 }),
  ),
  head,
  body: bytes,
  fields,
});

/** Responses that are correct except for one header. */
const oneWrong = fc.record({
  name: fc.constantFrom('here', 'there'),
  before: fc.constant([]),
  head: fc
    .oneof(
      fc.tuple(fc.oneof(text, fc.constantFrom('x a', 'x\n', 'x:')), fc.constant('a')),
      fc.tuple(known, text),
      fc.tuple(fc.constant('x-a'), text),
    )
    .map((wrong) => JSON.stringify({ headers: [['x-b', 'c'], wrong] })),
  body: bytes,
  fields: fc.constant({}),
});
const hostile = fc.oneof(anything, oneWrong);

const NAME = fc.string({ unit: fc.constantFrom(..."!#$%&'*+.^_`|~09az-"), minLength: 1, maxLength: 20 });
const VALUE = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff })), {
    maxLength: 30,
  })
  .map((codes) => String.fromCharCode(...codes).replace(/^[ \u00a0]+|[ \u00a0]+$/g, ''));
const honest = fc.record({
  name: fc.constantFrom('here', 'there'),
  status: fc.constantFrom(200, 201, 404, 418, 500, 599),
  headers: fc.uniqueArray(
    fc.tuple(
      NAME.map((name) => `x-${name}`),
      VALUE,
    ),
    { selector: ([name]) => name, maxLength: 5 },
  ),
  body: bytes,
});
const calls = fc.record({ bad: fc.array(hostile, { minLength: 1, maxLength: 4 }), good: honest });

let made = 0;
const rejections = [];
const reject = (reason) => rejections.push(reason);

before(async () => {
  process.env.BLUECRAB_THREADS = '1';
  registerModule(writeGuest());
  await listen();
  process.on('unhandledRejection', reject);
});
after(() => {
  process.off('unhandledRejection', reject);
  agent.destroy();
  setImmediate(() => process.exit());
});

/** Returns the outcome of a call. Fails if there is no response. */
async function answer(name, body) {
  made++;
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no answer within ${MAX_CALL_MS} ms`)), MAX_CALL_MS);
  });
  return Promise.race([call(name, body, { maxHeaderSize: MAX_HEADER_BYTES }), late]).finally(() =>
    clearTimeout(timer),
  );
}

async function checkHostile({ name, before, head, body, fields }) {
  const given = answering(before, { head: Buffer.from(head), body: Buffer.from(body), fields });
  const { status, headers, log } = await answer(name, given);
  assert.ok(Number.isInteger(status) && status >= 200 && status <= 599, `the status ${status}`);
  assert.equal(headers['x-split'], undefined, 'a header that the guest has put into another');
  assert.ok(log.length <= MAX_ENTRIES, `${log.length} log entries`);
  for (const [, entry] of log)
    assert.ok(entry.length <= MAX_ENTRY_CHARACTERS, `a log entry of ${entry.length}`);
}

async function checkHonest({ name, status, headers, body }) {
  const head = Buffer.from(JSON.stringify({ headers }));
  const given = answering([], { head, body: Buffer.from(body), fields: { status } });
  const got = await answer(name, given);
  const reason = JSON.stringify(got.log);
  assert.equal(got.status, status, reason);
  assert.deepEqual([...got.body], body);
  for (const [name, value] of headers) assert.equal(got.headers[name], value, name);
}

async function check({ bad, good }) {
  for (const each of bad) await checkHostile(each);
  // A wrong result of `bluecrab_alloc` may still fail the next call on the thread, and the next one on the event loop.
  await answer('there', answering([], { head: Buffer.of(), body: Buffer.of() }));
  await checkHonest(good).catch(() => checkHonest(good));
  assert.deepEqual(rejections.splice(0), [], 'rejections that nobody handles');
}

const plan = BLUECRAB_FUZZ_SECONDS
  ? { numRuns: 1e9, interruptAfterTimeLimit: 1000 * Number(BLUECRAB_FUZZ_SECONDS) }
  : { seed: 2019, numRuns: RUNS, interruptAfterTimeLimit: 60_000 };

test('each call of a hostile guest is answered, and the next call is answered correctly', async () => {
  if (BLUECRAB_FUZZ_INPUT) return check(JSON.parse(readFileSync(BLUECRAB_FUZZ_INPUT, 'utf8')));
  const found = await fc.check(fc.asyncProperty(calls, check), plan);
  console.log(`calls of a hostile guest: ${made}`);
  if (!found.failed) return;
  const [input] = found.counterexample;
  if (BLUECRAB_FUZZ_ARTIFACTS) {
    const file = join(BLUECRAB_FUZZ_ARTIFACTS, `seed-${found.seed}.json`);
    writeFileSync(file, JSON.stringify(input));
    console.log(`Test unit written to ${file}`);
  }
  throw new Error(`${found.errorInstance}\nof the calls ${JSON.stringify(input)}`);
});
