// Does the same with zlib of Node.js, which is native code, to compare it with the package and the crate.

import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { app } from '@azure/functions';

/** The longest content. Without a limit, a small body could decompress to any length. */
export const MAX_CONTENT = 2 ** 28 - 1;

const [compress, decompress] = [promisify(zlib.gzip), promisify(zlib.gunzip)];

app.http('gzip-zlib', {
  methods: ['POST'],
  handler: async (request) => {
    const body = Buffer.from(await request.arrayBuffer());
    return { body: await compress(body), headers: { 'content-type': 'application/gzip' } };
  },
});

app.http('gunzip-zlib', {
  methods: ['POST'],
  handler: async (request) => {
    const body = Buffer.from(await request.arrayBuffer());
    try {
      return {
        body: await decompress(body, { maxOutputLength: MAX_CONTENT }),
        headers: { 'content-type': 'application/octet-stream' },
      };
    } catch (error) {
      if (error.code === 'ERR_BUFFER_TOO_LARGE') return { status: 413, body: error.message };
      return { status: 400, body: `not gzip: ${error.message}` };
    }
  },
});
