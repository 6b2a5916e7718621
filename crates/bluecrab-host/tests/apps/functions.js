// The functions of the apps `stream` and `rpc`, which receive requests over HTTP and over gRPC.
const { existsSync } = require('node:fs');
const { app } = require('@azure/functions');

app.http('echo', {
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => ({ body: Buffer.from(await request.arrayBuffer()) }),
});

app.http('throws', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: () => {
    throw new Error('thrown on purpose');
  },
});

app.http('nothing', { methods: ['GET'], authLevel: 'anonymous', handler: () => undefined });

app.http('pid', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: String(process.pid) }) });

app.http('slow', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: async (request) => {
    await new Promise((resolve) => setTimeout(resolve, Number(request.query.get('ms'))));
    return { body: 'slow' };
  },
});

app.http('waits', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: async (request) => {
    while (!existsSync(request.query.get('for'))) await pause(20);
    return { body: 'waited' };
  },
});

let begun = 0;
app.http('begun', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: String(begun) }) });
app.http('begins', {
  methods: ['GET', 'POST'],
  authLevel: 'anonymous',
  handler: async (request) => {
    begun += 1;
    return { body: String((await request.arrayBuffer()).byteLength) };
  },
});

// The next functions answer before they have read their request's body.
app.http('ignores', { methods: ['POST'], authLevel: 'anonymous', handler: () => ({ status: 413, body: 'too long' }) });
app.http('part', {
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => {
    await request.body.getReader().read();
    return { status: 413, body: 'too long' };
  },
});

app.http('fields', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: (request) => {
    const numbers = Array.from({ length: Number(request.query.get('count')) }, (_, number) => number);
    return { headers: Object.fromEntries(numbers.map((number) => [`x-field-${number}`, String(number)])) };
  },
});

let served = 0;
app.http('blocks', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: (request) => {
    served += 1;
    const body = String(served);
    const end = Date.now() + Number(request.query.get('ms'));
    while (Date.now() < end);
    return { body };
  },
});

const parameters = (name, route) =>
  app.http(name, {
    methods: ['GET'],
    authLevel: 'anonymous',
    route,
    handler: (request) => ({ jsonBody: request.params }),
  });
parameters('number', 'items/{id:int}');
parameters('optional', 'optional/{name?}');
parameters('rest', 'files/{*path}');
parameters('reserved', 'reserved/{Headers}/{Query}');

app.http('metadata', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'metadata/{id}',
  handler: (request) => ({ jsonBody: request.params }),
});

let ran = 0;
app.timer('tick', {
  schedule: '0 0 0 1 1 *',
  handler: () => {
    ran += 1;
  },
});
app.http('ran', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: String(ran) }) });

// Returns what a function can see of its request. Node.js does not know the method ODD.
app.http('request', {
  methods: ['GET', 'POST', 'ODD'],
  authLevel: 'anonymous',
  route: 'request/{*rest}',
  handler: (request, context) => ({
    jsonBody: {
      url: request.url,
      query: Object.fromEntries(request.query),
      headers: Object.fromEntries(request.headers),
      trace: context.traceContext,
    },
  }),
});

app.http('sends', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: (request) => {
    const value = Buffer.from(request.query.get('hex'), 'hex').toString('latin1');
    return { headers: { 'x-sent': value }, body: 'sent' };
  },
});

app.http('cookie', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: () => ({ cookies: [{ name: 'dessert', value: 'yes', path: '/cr\u00e8me' }] }),
});

app.http('short', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: () => ({ headers: { 'content-length': '100' }, body: 'begun ' }),
});

const streams = (name, begin) =>
  app.http(name, {
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: () => {
      const pull = begin();
      return { body: new ReadableStream({ start: (stream) => stream.enqueue('begun '), pull }) };
    },
  });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let breaks = 0;
app.http('break', {
  methods: ['GET', 'POST'],
  authLevel: 'anonymous',
  handler: () => {
    breaks += 1;
    return { body: 'broken' };
  },
});
// Fails at the next call of `break`.
streams('breaks', () => {
  const before = breaks;
  return async () => {
    while (breaks === before) await pause(20);
    throw new Error('broken on purpose');
  };
});
streams('endless', () => async (stream) => {
  await pause(50);
  stream.enqueue('more ');
});
streams('silent', () => () => pause(2 ** 30));
