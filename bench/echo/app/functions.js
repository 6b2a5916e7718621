// Functions that only move bytes, in Node.js and in WebAssembly, and a function that does nothing.

const { join } = require('node:path');
const { app } = require('@azure/functions');
const { registerModule } = require('bluecrab');

// `registerModule` turns HTTP streams on for the whole app.
if (process.env.ECHO_BUFFERED !== '1') registerModule(join(__dirname, 'echo.wasm'));

app.http('echo-node', {
  methods: ['POST'],
  handler: async (request) => ({ body: new Uint8Array(await request.arrayBuffer()) }),
});

app.http('hello-node', { methods: ['GET'], handler: () => ({ body: 'Hello from Node.js' }) });
