// A worker whose HTTP servers take small headers only.
const http = require('node:http');

const { createServer } = http;
http.createServer = () => createServer({ maxHeaderSize: 8 << 10 });
require('../stream/index.js');
