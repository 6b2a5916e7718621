// A function whose app takes long to load.
const { app } = require('@azure/functions');

const end = performance.now() + 1200;
while (performance.now() < end);

app.http('late', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: '{"result":[[1,2]]}' }) });
