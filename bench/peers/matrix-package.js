const { app } = require('@azure/functions');
const { multiplyJson } = require('@bluecrab/matrix');

app.http('multiply-package', {
  methods: ['POST'],
  handler: async (request) => ({ body: await multiplyJson(new Uint8Array(await request.arrayBuffer())) }),
});
