// A worker that closes idle connections soon, as Node.js does after five seconds.
const { subscribe } = require('node:diagnostics_channel');
const { app } = require('@azure/functions');

subscribe('http.server.request.start', ({ server }) => {
  server.keepAliveTimeout = 500;
});

app.setup({ enableHttpStream: true });
require('../functions.js');
