const { app } = require('@azure/functions');
const { Matrix } = require('ml-matrix');

app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });

app.http('multiply-mlmatrix', {
  methods: ['POST'],
  handler: async (request) => {
    const [one, two] = (await request.json()).map((rows) => new Matrix(rows));
    return { jsonBody: { result: one.mmul(two).to2DArray() } };
  },
});
