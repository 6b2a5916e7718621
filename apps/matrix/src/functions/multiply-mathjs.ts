import { app, type HttpResponseInit } from '@azure/functions';
import { type MathNumericType, multiply } from 'mathjs';

/** Nested arrays, or the form in which Rust's ndarray serialises an array. */
type Operand = MathNumericType[] | MathNumericType[][] | NdArray;

interface NdArray {
  v: 1;
  dim: number[];
  data: MathNumericType[];
}

app.setup({ enableHttpStream: true });

app.http('multiply-mathjs', {
  methods: ['POST'],
  handler: async (request): Promise<HttpResponseInit> => {
    try {
      const [one, two] = operands(await request.json());
      const product = multiply(toNumbers(one), toNumbers(two));
      return { jsonBody: { result: isNdArray(one) ? toNdArray(product) : product } };
    } catch (error) {
      return badRequest(error instanceof Error ? error.message : String(error));
    }
  },
});

function operands(body: unknown): [Operand, Operand] {
  if (Array.isArray(body)) {
    if (body.length !== 2) throw new Error(`expected two matrices, got a list of ${body.length}`);
    return body as [Operand, Operand];
  }
  const { matrixOne, matrixTwo } = (body ?? {}) as Record<string, Operand | undefined>;
  if (matrixOne === undefined) throw new Error('the member matrixOne is missing');
  if (matrixTwo === undefined) throw new Error('the member matrixTwo is missing');
  return [matrixOne, matrixTwo];
}

function isNdArray(operand: unknown): operand is NdArray {
  return typeof operand === 'object' && operand !== null && 'dim' in operand && 'data' in operand;
}

function toNumbers(operand: Operand): MathNumericType[] | MathNumericType[][] {
  const array = isNdArray(operand) ? toArray(operand) : operand;
  // Math.js answers some products with an empty operand and refuses others; this app refuses them all.
  if (Array.isArray(array) && array.flat().length === 0)
    throw new Error('a matrix without numbers cannot be multiplied');
  return array;
}

function toArray(operand: NdArray): MathNumericType[] | MathNumericType[][] {
  const { dim, data } = operand;
  const size = dim.reduce((product, length) => product * length, 1);
  if (dim.length > 2 || data.length !== size) {
    throw new Error(`dim [${dim}] asks for ${size} numbers, data has ${data.length}`);
  }
  const [rows = 0, columns] = dim;
  if (columns === undefined) return data;
  return Array.from({ length: rows }, (_, row) => data.slice(row * columns, (row + 1) * columns));
}

function toNdArray(product: unknown): unknown {
  if (!Array.isArray(product)) return product;
  const [first] = product;
  const dim = Array.isArray(first) ? [product.length, first.length] : [product.length];
  return { v: 1, dim, data: product.flat() };
}

function badRequest(detail: string): HttpResponseInit {
  return {
    status: 400,
    jsonBody: { type: 'about:blank', title: 'Bad Request', status: 400, detail },
    headers: { 'content-type': 'application/problem+json' },
  };
}
