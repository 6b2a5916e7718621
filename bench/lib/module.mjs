// The module of bench/matrix: the stages of a product, one export each, over a body that the instance keeps.

import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

/** Node.js takes buffers of about this size from a pool, which is quicker than an array of its own. */
const POOLED_BYTES = 4000;

/** An instance of bench_matrix.wasm with what JavaScript does around its exports. */
export class MatrixModule {
  #exports;
  #bytes = Buffer.alloc(0);
  #large = Buffer.alloc(0);

  constructor(file) {
    const wasi = new WASI({ version: 'preview1' });
    const module = new WebAssembly.Module(readFileSync(file));
    const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
    wasi.initialize(instance);
    // An object of one's own: the engine looks properties up in it, and not in a dictionary.
    this.#exports = { ...instance.exports };
  }

  /** The instance's memory: as npm/bluecrab does it, looked at anew only when it has grown. */
  get #memory() {
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(this.#exports.memory.buffer);
    return this.#bytes;
  }

  /** Copies a body in. */
  copyIn(body) {
    const pointer = this.#exports.room(body.length);
    this.#memory.set(body, pointer);
  }

  /** Copies an output of this length out; a large one as npm/bluecrab does, into a buffer that is used again. */
  copyOut(length) {
    const start = this.#exports.output();
    if (length <= POOLED_BYTES) return copyOf(this.#memory, start, length);
    if (this.#large.length < length) this.#large = Buffer.allocUnsafeSlow(length);
    this.#memory.copy(this.#large, 0, start, start + length);
    return this.#large.subarray(0, length);
  }

  parse() {
    if (this.#exports.parse() === 0) throw new Error('the module refuses the body');
  }

  multiply() {
    if (this.#exports.product() === 0) throw new Error('the module refuses the operands');
  }

  /** Prints the product; gives the length of the output. */
  print() {
    return this.#exports.print();
  }

  /** From bytes to bytes, one copy each way. */
  answer(body) {
    this.copyIn(body);
    return this.copyOut(this.#exports.answer());
  }

  /** The JSON `{"result":[…]}` of doubles. */
  printNumbers(numbers) {
    this.copyIn(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    return Buffer.from(this.copyOut(this.#exports.print_numbers()));
  }

  /** The doubles of the first list of `[[…],1]`. */
  parseNumbers(text) {
    this.copyIn(text);
    const length = this.#exports.parse_numbers();
    return new Float64Array(
      this.#exports.memory.buffer.slice(this.#exports.output(), this.#exports.output() + length),
    );
  }

  /** The floating-point operations of a run of the peak measurement, which takes some milliseconds. */
  multiplyAdd(accumulators, rounds) {
    const sum = this.#exports.multiply_add(accumulators, rounds);
    if (sum !== accumulators * 4)
      throw new Error(`the peak measurement gives ${sum}, not ${accumulators * 4}`);
    return accumulators * rounds * 4;
  }
}

function copyOf({ buffer }, start, length) {
  const copy = Buffer.allocUnsafe(length);
  copy.set(new Uint8Array(buffer, start, length));
  return copy;
}
