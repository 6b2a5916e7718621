// Lets the TypeScript compiler check programs that use the package, as an ES module and as a CommonJS module.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bluecrab-matrix-'));
after(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
import {
  FormatError, type Matrix, MatrixError, multiply, multiplyJson, multiplyNpy, type MultiplyOptions, ShapeError,
} from '@bluecrab/matrix';

const one: Matrix = { rows: 1, columns: 1, data: Float64Array.of(2) };
const options: MultiplyOptions = { signal: AbortSignal.timeout(1000) };
export const product: Promise<Matrix> = multiply(one, one, options);
export const json: Promise<Uint8Array> = multiplyJson('[[[1]], [[2]]]');
export const npy: Promise<Uint8Array> = multiplyNpy([new Uint8Array(), new Uint8Array()]);
export const npz: Promise<Uint8Array> = multiplyNpy(new Uint8Array(), { signal: undefined });
export const errors: MatrixError[] = [new ShapeError(''), new FormatError('')];
// @ts-expect-error: an array of JavaScript is no Float64Array
void multiply({ rows: 1, columns: 1, data: [2] }, one);
// @ts-expect-error: there must be two arrays
void multiplyNpy([new Uint8Array()]);
void product.then((product) => {
  // @ts-expect-error: a matrix does not change
  product.rows = 2;
});
`;

test('the TypeScript compiler accepts right programs and finds wrong calls', () => {
  symlinkSync(modules, join(folder, 'node_modules'));
  const files = ['program.mts', 'program.cts'];
  for (const file of files) writeFileSync(join(folder, file), PROGRAM);
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2022',
    types: ['node'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const compiler = join(modules, 'typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', folder], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});
