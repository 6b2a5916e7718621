const { app } = require('@azure/functions');
const { multiply } = require('./dist/matrix.node');

app.http('multiply-napi', {
  methods: ['POST'],
  handler: async (request) => {
    const body = Buffer.from(await request.arrayBuffer());
    return { body: multiply(body), headers: { 'content-type': 'application/json' } };
  },
});
