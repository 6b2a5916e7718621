// Closes the first connections of the host just after it has answered on each of them. A request that comes meanwhile is
// not read.
const { subscribe } = require('node:diagnostics_channel');
const { app } = require('@azure/functions');

const CLOSED = 4;
let answered = 0;
subscribe('http.server.response.finish', ({ response, socket }) => {
  // The host asks for this status when it opens a connection.
  if (response.statusCode !== 417 || answered++ >= CLOSED) return;
  setImmediate(() => {
    const end = Date.now() + 200;
    while (Date.now() < end);
    socket.destroy();
  });
});

app.setup({ enableHttpStream: true });
require('../functions.js');
