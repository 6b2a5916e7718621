import { readFileSync } from 'node:fs';
import { app } from '@azure/functions';
import { Ajv2020 } from 'ajv/dist/2020.js';

app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });

const schema = JSON.parse(readFileSync(new URL('../order.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020().compile(schema);

app.http('schema', {
  methods: ['POST'],
  handler: async (request) => {
    if (!isJson(request)) return NOT_JSON;
    let documents;
    try {
      documents = await request.json();
    } catch (error) {
      return { status: 400, body: error.message };
    }
    if (!Array.isArray(documents)) return { status: 400, body: 'a list of documents is expected' };
    const results = documents.map((document) => validate(document));
    const valid = results.filter((result) => result).length;
    return { jsonBody: { valid, invalid: results.length - valid, results } };
  },
});

/** A form of another site sends the user's cookies, but it cannot say that it is JSON. */
function isJson(request) {
  return /^application\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '');
}

const NOT_JSON = { status: 415, body: 'send JSON with the header Content-Type: application/json' };
