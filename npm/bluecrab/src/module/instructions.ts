// How many operands each instruction takes from the stack and puts on it. Instructions whose effect depends on the
// module are missing. The numbers are in the index of instructions of the WebAssembly specification.

export interface Effect {
  operands: number;
  results: number;
  /** Whether an address in the memory follows the opcode. */
  isAccess: boolean;
  /** How many numbers in LEB128 follow the opcode and the address. */
  numbers: number;
  /** How many bytes follow these numbers. */
  bytes: number;
}

export const [EXTENDED, SIMD, ATOMIC] = [0xfc, 0xfd, 0xfe];

type Immediates = Pick<Effect, 'isAccess' | 'numbers' | 'bytes'>;
const BYTES = (bytes: number): Immediates => ({ isAccess: false, numbers: 0, bytes });
const NOTHING = BYTES(0);
const LANE = BYTES(1);
const INDEX = { isAccess: false, numbers: 1, bytes: 0 };
const TWO = { isAccess: false, numbers: 2, bytes: 0 };
const ACCESS = { isAccess: true, numbers: 0, bytes: 0 };

/** The first and the last opcode, the operands, the results, what follows the opcode. */
type Row = [first: number, last: number, operands: number, results: number, immediates?: Immediates];

const PLAIN: Row[] = [
  [0x01, 0x01, 0, 0], // nop
  [0x1a, 0x1a, 1, 0], // drop
  [0x1b, 0x1b, 3, 1], // select
  [0x20, 0x20, 0, 1, INDEX], // local.get
  [0x21, 0x21, 1, 0, INDEX],
  [0x22, 0x22, 1, 1, INDEX],
  [0x23, 0x23, 0, 1, INDEX], // global.get
  [0x24, 0x24, 1, 0, INDEX],
  [0x25, 0x25, 1, 1, INDEX], // table.get
  [0x26, 0x26, 2, 0, INDEX],
  [0x28, 0x35, 1, 1, ACCESS], // loads
  [0x36, 0x3e, 2, 0, ACCESS], // stores
  [0x3f, 0x3f, 0, 1, INDEX], // memory.size
  [0x40, 0x40, 1, 1, INDEX],
  [0x41, 0x42, 0, 1, INDEX], // i32.const, i64.const
  [0x43, 0x43, 0, 1, BYTES(4)],
  [0x44, 0x44, 0, 1, BYTES(8)],
  [0x45, 0x45, 1, 1], // i32.eqz
  [0x46, 0x4f, 2, 1],
  [0x50, 0x50, 1, 1], // i64.eqz
  [0x51, 0x66, 2, 1],
  [0x67, 0x69, 1, 1], // i32.clz
  [0x6a, 0x78, 2, 1],
  [0x79, 0x7b, 1, 1], // i64.clz
  [0x7c, 0x8a, 2, 1],
  [0x8b, 0x91, 1, 1], // f32.abs
  [0x92, 0x98, 2, 1],
  [0x99, 0x9f, 1, 1], // f64.abs
  [0xa0, 0xa6, 2, 1],
  [0xa7, 0xc4, 1, 1], // conversions
  [0xd0, 0xd0, 0, 1, INDEX], // ref.null
  [0xd1, 0xd1, 1, 1],
  [0xd2, 0xd2, 0, 1, INDEX], // ref.func
  [0xd3, 0xd3, 2, 1],
  [0xd4, 0xd4, 1, 1],
];

const EXTENDED_PLAIN: Row[] = [
  [0x00, 0x07, 1, 1], // saturating conversions
  [0x08, 0x08, 3, 0, TWO], // memory.init
  [0x09, 0x09, 0, 0, INDEX],
  [0x0a, 0x0a, 3, 0, TWO],
  [0x0b, 0x0b, 3, 0, INDEX],
  [0x0c, 0x0c, 3, 0, TWO], // table.init
  [0x0d, 0x0d, 0, 0, INDEX],
  [0x0e, 0x0e, 3, 0, TWO],
  [0x0f, 0x0f, 2, 1, INDEX],
  [0x10, 0x10, 0, 1, INDEX],
  [0x11, 0x11, 3, 0, INDEX],
];

/** Most instructions of SIMD have two operands. These rows replace the first row in part. */
const SIMD_PLAIN: Row[] = [
  [0x0e, 0x113, 2, 1],
  [0x00, 0x0a, 1, 1, ACCESS], // loads
  [0x0b, 0x0b, 2, 0, ACCESS],
  [0x0c, 0x0c, 0, 1, BYTES(16)],
  [0x0d, 0x0d, 2, 1, BYTES(16)],
  [0x0f, 0x14, 1, 1], // splats
  [0x15, 0x22, 2, 1, LANE],
  ...[0x15, 0x16, 0x18, 0x19, 0x1b, 0x1d, 0x1f, 0x21].map((code): Row => [code, code, 1, 1, LANE]),
  [0x4d, 0x4d, 1, 1],
  [0x52, 0x52, 3, 1],
  [0x53, 0x53, 1, 1],
  [0x54, 0x57, 2, 1, { isAccess: true, numbers: 0, bytes: 1 }],
  [0x58, 0x5b, 2, 0, { isAccess: true, numbers: 0, bytes: 1 }],
  [0x5c, 0x5d, 1, 1, ACCESS],
  [0x5e, 0x64, 1, 1],
  [0x67, 0x6a, 1, 1], // f32x4.ceil
  [0x74, 0x75, 1, 1], // f64x2.ceil
  [0x7a, 0x7a, 1, 1],
  [0x7c, 0x81, 1, 1],
  [0x83, 0x84, 1, 1],
  [0x87, 0x8a, 1, 1],
  [0x94, 0x94, 1, 1],
  [0xa0, 0xa4, 1, 1],
  [0xa7, 0xaa, 1, 1],
  [0xc0, 0xc4, 1, 1],
  [0xc7, 0xca, 1, 1],
  [0xe0, 0xe3, 1, 1],
  [0xec, 0xef, 1, 1],
  [0xf8, 0xff, 1, 1],
  [0x101, 0x104, 1, 1],
  [0x105, 0x10c, 3, 1],
  [0x113, 0x113, 3, 1],
];

const ATOMIC_PLAIN: Row[] = [
  [0x00, 0x00, 2, 1, ACCESS], // memory.atomic.notify
  [0x01, 0x02, 3, 1, ACCESS],
  [0x03, 0x03, 0, 0, BYTES(1)],
  [0x10, 0x16, 1, 1, ACCESS],
  [0x17, 0x1d, 2, 0, ACCESS],
  [0x1e, 0x47, 2, 1, ACCESS],
  [0x48, 0x4e, 3, 1, ACCESS],
];

/** All effects have the same hidden class, so that V8 reads them fast. */
function table(rows: Row[]): (Effect | undefined)[] {
  const effects: (Effect | undefined)[] = Array(
    rows.reduce((most, [, last]) => Math.max(most, last + 1), 256),
  ).fill(undefined);
  for (const [first, last, operands, results, { isAccess, numbers, bytes } = NOTHING] of rows) {
    effects.fill({ operands, results, isAccess, numbers, bytes }, first, last + 1);
  }
  return effects;
}

/** The effects of instructions without a prefix, by opcode. */
export const effects = table(PLAIN);
/** The effects of instructions with a prefix, by prefix and the number after it. */
export const prefixedEffects = new Map([
  [EXTENDED, table(EXTENDED_PLAIN)],
  [SIMD, table(SIMD_PLAIN)],
  [ATOMIC, table(ATOMIC_PLAIN)],
]);
