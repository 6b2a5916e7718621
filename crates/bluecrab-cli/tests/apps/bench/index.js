// Functions whose comparison has a known outcome.
const { app } = require('@azure/functions');

const answer = { body: '{"result":[[1,2]]}' };
const http = (name, handler) => app.http(name, { methods: ['GET', 'POST'], authLevel: 'anonymous', handler });

const busy = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

http('one', () => answer);
http('same', () => answer);

let calls = 0;
http('stalls', () => {
  calls += 1;
  if (calls % 100 === 0) busy(20);
  return answer;
});

http('slow', () => {
  busy(8);
  return answer;
});

http('other', () => ({ body: '{"result":[[1,3]]}' }));

let once = 0;
http('fails', () => {
  once += 1;
  if (once > 1) throw new Error('failed on purpose');
  return answer;
});
