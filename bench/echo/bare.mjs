// The same over bare node:http: reads a body, answers its first bytes. Prints its port.

import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const bytes = new URL(request.url, 'http://localhost').searchParams.get('bytes');
    const answer = body.subarray(0, Number(bytes ?? body.length));
    response.setHeader('content-length', answer.length);
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
// Ends with the process that started it.
process.stdin.resume().on('end', () => process.exit(0));
