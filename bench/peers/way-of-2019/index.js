// What was written in 2019: the body arrives parsed, wasm-bindgen takes strings, so it becomes a string again.

const { app } = require('@azure/functions');
const { multiply_rows: multiply } = require('./dist/way_of_2019.js');

app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });

app.http('multiply-2019', {
  methods: ['POST'],
  handler: async (request) => {
    const product = multiply(JSON.stringify(await request.json()));
    // In 2019 the product stood in the answer as a string, to be parsed by the client a second time. Here it is what the
    // others answer, so that it can be compared; that spares the function the escaping of the string.
    return { body: `{"result":${product}}`, headers: { 'content-type': 'application/json' } };
  },
});
