// Reads and writes float64 matrices in NumPy's format 1.0, stored row by row, as numpy.save writes them.

const PREFIX: usize = 10;
const HEADER: usize = 128;
const MAGIC: u64 = 0x0001_59504d554e93; // \x93NUMPY, 1, 0
const DICTIONARY = "{'descr': '<f8', 'fortran_order': False, 'shape': (";

/** An array inside a body. */
export class Matrix {
  constructor(
    readonly rows: u32,
    readonly columns: u32,
    /** The address of its numbers. */
    readonly numbers: usize,
  ) {}

  get end(): usize {
    return this.numbers + ((<usize>this.rows * this.columns) << 3);
  }
}

/** Reads the array at an address. Returns null if there is no array. */
export function read(at: usize, end: usize): Matrix | null {
  if (end - at < PREFIX || load<u64>(at) !== MAGIC) return null;
  const start = at + PREFIX;
  const length = <usize>load<u16>(at, 8);
  if (end - start < length) return null;
  const header = String.UTF8.decodeUnsafe(start, length);
  const close = header.indexOf('), }');
  if (!header.startsWith(DICTIONARY) || close < 0) return null;
  if (header.substring(close + 4).trimStart().length > 0 || !header.endsWith('\n')) return null;
  const shape = header.substring(DICTIONARY.length, close).split(', ');
  if (shape.length !== 2) return null;
  const rows = dimension(shape[0]);
  const columns = dimension(shape[1]);
  const numbers = start + length;
  if (rows === 0 || columns === 0 || <u64>rows * columns > <u64>((end - numbers) >> 3)) return null;
  return new Matrix(rows, columns, numbers);
}

/** Parses a dimension. Returns 0 if the text is not a number or too large for a memory. */
function dimension(text: string): u32 {
  if (text.length === 0 || text.length > 9) return 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return 0;
  }
  return U32.parseInt(text);
}

/** An array on the heap, its numbers not yet set. */
export class Started {
  readonly at: usize;
  readonly length: usize;

  constructor(rows: u32, columns: u32) {
    const bytes = HEADER + ((<u64>rows * columns) << 3);
    if (bytes > <u64>i32.MAX_VALUE) throw new Error('the product is too large');
    this.length = <usize>bytes;
    this.at = heap.alloc(this.length);
    const header = `${DICTIONARY}${rows}, ${columns}), }`.padEnd(<i32>(HEADER - PREFIX - 1)) + '\n';
    store<u64>(this.at, MAGIC);
    store<u16>(this.at, <u16>(HEADER - PREFIX), 8);
    String.UTF8.encodeUnsafe(changetype<usize>(header), header.length, this.at + PREFIX);
  }

  get numbers(): usize {
    return this.at + HEADER;
  }
}
