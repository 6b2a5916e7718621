// Makes the worker close idle connections early; Node.js does so after five seconds.
const { subscribe } = require('node:diagnostics_channel');
const { app } = require('@azure/functions');

subscribe('http.server.request.start', ({ server }) => {
  server.keepAliveTimeout = 500;
});

app.setup({ enableHttpStream: true });
require('../functions.js');
