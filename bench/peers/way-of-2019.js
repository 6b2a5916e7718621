// As in 2019: the body arrives parsed, and becomes a string again because wasm-bindgen takes strings.

const { app } = require('@azure/functions');
const { multiply } = require('./dist/way_of_2019.js');

app.http('multiply-2019', {
  methods: ['POST'],
  handler: async (request) => {
    const product = multiply(JSON.stringify(await request.json()));
    // In 2019 the answer contained the product as a string, which the client parsed again. Here it is JSON like the
    // other answers, so that it can be compared. So the function does not have to escape the string.
    return { body: `{"result":${product}}`, headers: { 'content-type': 'application/json' } };
  },
});
