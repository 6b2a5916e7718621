import { app } from '@azure/functions';

app.http('hello-node', {
  methods: ['GET'],
  handler: () => ({ body: 'Hello from Node.js', headers: { 'content-type': 'text/plain; charset=utf-8' } }),
});
