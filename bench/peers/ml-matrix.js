const { app } = require('@azure/functions');
const { Matrix } = require('ml-matrix');

app.http('multiply-mlmatrix', {
  methods: ['POST'],
  handler: async (request) => {
    const [one, two] = (await request.json()).map((rows) => new Matrix(rows));
    return { jsonBody: { result: one.mmul(two).to2DArray() } };
  },
});
