// The functions that the tests of `bluecrab bench` compare. The result of each comparison is known.
const { appendFileSync } = require('node:fs');
const { app } = require('@azure/functions');

// A test that sets this variable learns the process ID of each worker that loads the app.
if (process.env.BENCH_WORKERS) appendFileSync(process.env.BENCH_WORKERS, `${process.pid}\n`);

const answer = { body: '{"result":[[1,2]]}' };
const http = (name, handler) => app.http(name, { methods: ['GET', 'POST'], authLevel: 'anonymous', handler });

const busy = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

http('one', () => answer);
http('same', () => answer);
http('set', () => (process.env.BENCH_SET === 'yes' ? answer : { body: 'BENCH_SET is missing' }));

let calls = 0;
http('stalls', () => {
  calls += 1;
  if (calls % 100 === 0) busy(20);
  return answer;
});

// Blocks the event loop for so long that a probe waits longer than a busy machine delays it.
http('slow', () => {
  busy(40);
  return answer;
});

http('other', () => ({ body: '{"result":[[1,3]]}' }));

let once = 0;
http('fails', () => {
  once += 1;
  if (once > 1) throw new Error('failed on purpose');
  return answer;
});

// Reports how long its stages take, if the app setting asks for it.
http('staged', () => {
  if (process.env.BLUECRAB_SERVER_TIMING !== '1') return answer;
  return { ...answer, headers: { 'Server-Timing': 'parse;desc="2 ms, about";dur=2, print;dur=1, hit' } };
});
