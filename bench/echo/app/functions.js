// Functions that only move bytes, in plain Node.js and in WebAssembly: what the way to a function costs.

const { join } = require('node:path');
const { app } = require('@azure/functions');
const { registerModule } = require('bluecrab');

app.setup({ enableHttpStream: true });

app.http('echo-node', {
  methods: ['POST'],
  handler: async (request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    return { body: body.subarray(0, Number(request.query.get('bytes') ?? body.length)) };
  },
});

registerModule(join(__dirname, 'echo.wasm'));
