import { app } from '@azure/functions';
import { gzip, ungzip } from 'pako';

app.setup({ enableHttpStream: true });

app.http('gzip', {
  methods: ['POST'],
  handler: async (request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    return { body: gzip(body), headers: { 'content-type': 'application/gzip' } };
  },
});

app.http('gunzip', {
  methods: ['POST'],
  handler: async (request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    try {
      return { body: ungzip(body), headers: { 'content-type': 'application/octet-stream' } };
    } catch (error) {
      return { status: 400, body: `not gzip: ${error.message ?? error}` };
    }
  },
});
