import { app } from '@azure/functions';
import { gzip, Inflate } from 'pako';
import { MAX_CONTENT } from './zlib.js';

app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });

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
    // Reads chunk by chunk, so that it can stop when the content is too long. Accepts only gzip, not the format of
    // zlib.
    const inflate = new Inflate({ windowBits: 15 + 16 });
    const chunks = [];
    let length = 0;
    inflate.onData = (chunk) => {
      length += chunk.length;
      if (length > MAX_CONTENT) throw new RangeError(`the content is longer than ${MAX_CONTENT} bytes`);
      chunks.push(chunk);
    };
    try {
      inflate.push(body, true);
    } catch (error) {
      if (error instanceof RangeError) return { status: 413, body: error.message };
      throw error;
    }
    if (inflate.err !== 0) return { status: 400, body: `not gzip: ${inflate.msg}` };
    return { body: Buffer.concat(chunks, length), headers: { 'content-type': 'application/octet-stream' } };
  },
});
