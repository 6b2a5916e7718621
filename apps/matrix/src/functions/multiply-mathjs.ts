import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { type MathNumericType, multiply } from 'mathjs';
import { Stages } from '../stages';

/** Nested arrays, or the form in which Rust's crate ndarray serializes an array. */
type Operand = MathNumericType[] | MathNumericType[][] | NdArray;

interface NdArray {
  v: 1;
  dim: number[];
  data: MathNumericType[];
}

// Small bodies are faster without streams: bench/peers measures both ways.
app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });

app.http('multiply-mathjs', {
  methods: ['POST'],
  handler: async (request): Promise<HttpResponseInit> => {
    try {
      if (Stages.areMeasured) return await measured(request);
      const [one, two] = operands(await request.json());
      return { jsonBody: result(one, multiply(toNumbers(one), toNumbers(two))) };
    } catch (error) {
      return badRequest(error instanceof Error ? error.message : String(error));
    }
  },
});

/** Multiplies in separate stages, so that each can be measured. */
async function measured(request: HttpRequest): Promise<HttpResponseInit> {
  const stages = new Stages();
  const text = await request.text();
  stages.end('body');
  const [one, two] = operands(JSON.parse(text));
  stages.end('parse');
  const product = multiply(toNumbers(one), toNumbers(two));
  stages.end('multiply');
  const body = JSON.stringify(result(one, product));
  stages.end('print');
  return { body, headers: { 'content-type': 'application/json', 'server-timing': stages.toString() } };
}

function result(one: Operand, product: unknown): { result: unknown } {
  return { result: isNdArray(one) ? toNdArray(product) : product };
}

function operands(body: unknown): [Operand, Operand] {
  if (Array.isArray(body)) {
    if (body.length !== 2)
      throw new Error(`expected a list of two matrices, but the list has ${body.length}`);
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
  // Math.js multiplies some empty operands and refuses others. This app refuses all of them.
  if (Array.isArray(array) && array.flat().length === 0)
    throw new Error('a matrix without numbers cannot be multiplied');
  return array;
}

function toArray(operand: NdArray): MathNumericType[] | MathNumericType[][] {
  const { dim, data } = operand;
  const size = dim.reduce((product, length) => product * length, 1);
  if (dim.length > 2 || data.length !== size) {
    throw new Error(`dim [${dim}] needs ${size} numbers, but data has ${data.length}`);
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
