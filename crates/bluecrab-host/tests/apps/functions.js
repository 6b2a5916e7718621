// The functions that both apps have, whichever way their requests travel.
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

app.http('fields', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: (request) => {
    const numbers = Array.from({ length: Number(request.query.get('count')) }, (_, number) => number);
    return { headers: Object.fromEntries(numbers.map((number) => [`x-field-${number}`, String(number)])) };
  },
});

app.http('blocks', {
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: (request) => {
    const end = Date.now() + Number(request.query.get('ms'));
    while (Date.now() < end);
    return { body: 'blocked' };
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
