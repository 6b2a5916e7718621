const { app } = require('@azure/functions');

app.http('multiply-float64array', {
  methods: ['POST'],
  handler: async (request) => {
    const [one, two] = await request.json();
    return { jsonBody: { result: multiply(one, two) } };
  },
});

/** Three loops over packed numbers. */
function multiply(one, two) {
  const [rows, inner, columns] = [one.length, two.length, two[0].length];
  if (one[0].length !== inner) throw new Error(`${one[0].length} columns do not fit ${inner} rows`);
  const [a, b] = [Float64Array.from(one.flat()), Float64Array.from(two.flat())];
  const product = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += a[row * inner + k] * b[k * columns + column];
      product[row * columns + column] = sum;
    }
  }
  return Array.from({ length: rows }, (_, row) =>
    Array.from(product.subarray(row * columns, (row + 1) * columns)),
  );
}
