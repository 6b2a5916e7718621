// Makes the worker's HTTP servers accept only small headers.
const http = require('node:http');

const { createServer } = http;
http.createServer = () => createServer({ maxHeaderSize: 8 << 10 });
require('../stream/index.js');
