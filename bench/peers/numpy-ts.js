const { app } = require('@azure/functions');
const np = require('numpy-ts');

app.http('multiply-numpyts', {
  methods: ['POST'],
  handler: async (request) => {
    const [one, two] = (await request.json()).map((rows) => np.array(rows));
    const product = np.matmul(one, two);
    const result = product.tolist();
    // Arrays of numpy-ts live in its WebAssembly memory. If the memory is full, products fall back to JavaScript.
    for (const array of [one, two, product]) array.dispose();
    return { jsonBody: { result } };
  },
});
