// Functions that are short, but for which V8's compilers would need more memory than a machine has.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { handler } from 'bluecrab';
import createWabt from 'wabt';
import { source } from '../source.mjs';
import { bytes, CALLED, code, constant, I32, I64, leb, PLAIN, times, type, writeBinary } from './binary.mjs';

const { CompilerMemory } = await source('module/compilerMemory');
const { Reader, sections } = await source('module/sections');
const { Signatures } = await source('module/signatures');

const ZERO = constant(0);
const [GET, SET, DROP, END] = [0x20, 0x21, 0x1a, 0x0b];
const LOOP = [0x03, 0x40];
const BLOCK = [0x02, 0x40];
const wide = (count) => type(Array(count).fill(I64), Array(count).fill(I64));

describe('a function is refused', () => {
  const f = (locals, ...instructions) => [[CALLED, code(locals, ...instructions, ZERO)]];
  /** What the function has, and its binary. */
  const hostile = [
    [
      'loops over a high operand stack',
      () =>
        writeBinary(
          f([], times(100_000, ZERO), times(60_000, LOOP), times(60_000, END), times(100_000, DROP)),
        ),
    ],
    [
      'ifs over a high operand stack',
      () => writeBinary(f([], times(80_000, ZERO), times(50_000, ZERO, 4, 0x40, END), times(80_000, DROP))),
    ],
    [
      'a table of branches, with many local variables',
      () => writeBinary(f([[40_000, I32]], BLOCK, GET, 2, 0x0e, leb(65_000), times(65_001, 0), END)),
    ],
    [
      'many branches, with many local variables',
      () => writeBinary(f([[1000, I32]], BLOCK, times(100_000, GET, 2, 0x0d, 0), END)),
    ],
    [
      'calls with many parameters and results',
      () => {
        const called = [3, code([], ...Array.from({ length: 1000 }, (_, index) => bytes(GET, leb(index))))];
        const calls = code([], times(1000, 0x42, 0), times(100_000, 0x10, 2), times(1000, DROP), ZERO);
        return writeBinary([[CALLED, calls], called], { types: [wide(1000)] });
      },
    ],
    [
      'calls that may throw, with many local variables',
      () =>
        writeBinary(
          f([[40_000, I32]], [0x06, 0x40], times(10_000, 0x10, 2), 0x19, END).concat([[PLAIN, code([])]]),
        ),
    ],
  ];
  for (const [what, file] of hostile) {
    test(`if it has ${what}`, () => {
      assert.throws(() => handler(file(), 'f'), {
        message:
          /its function 1 \(imports not counted\) is too complex: with its \d+ local variables, .* the engine could need \d+ bytes to compile it; the most is 536870912/,
      });
    });
  }

  test('not if it is only long', () => {
    const branches = [BLOCK, times(30_000, GET, 2, 0x0d, 0), END];
    assert.doesNotThrow(() =>
      handler(writeBinary(f([[100, I32]], ...branches, times(60_000, ZERO, DROP))), 'f'),
    );
    assert.doesNotThrow(() => handler(writeBinary(f([], times(80_000, GET, 2, SET, 2))), 'f'));
  });
});

describe('the memory of the compilers', async () => {
  const wabt = await createWabt();

  /** Returns the bytes for the last function of a module. Fails unless all of its instructions are read. */
  function memory(text, locals) {
    const module = wabt.parseWat('module', `(module ${text})`, {
      exceptions: true,
      tail_call: true,
      threads: true,
    });
    const binary = module.toBinary({}).buffer;
    const signatures = new Signatures();
    for (const { id, start, end } of sections(binary)) {
      const reader = new Reader(binary, start, end);
      signatures.read(id, new Reader(binary, start, end));
      if (id !== 10) continue;
      for (let count = reader.next(); count > 1; count--) {
        const length = reader.next();
        reader.at += length;
      }
      reader.next();
      for (let groups = reader.next(); groups > 0; groups--) reader.at += 2;
      const count = new CompilerMemory(
        signatures,
        reader,
        locals,
        signatures.ofFunction(signatures.functions.length - 1),
      ).count();
      assert.equal(reader.at, end, 'the instructions end elsewhere');
      return count;
    }
  }

  const LOCALS = 9;
  // Values that are passed on at branches and calls, and values on the operand stack there.
  for (const [what, text, values, stack] of [
    ['nothing but a constant', '(func (result i32) (i32.const 1))', 0, 0],
    ['a block', '(func (block))', 9, 0],
    [
      'a block with a result, over two values',
      '(func (drop (i32.add (i32.const 1) (i32.add (i32.const 1) (block (result i32) (i32.const 1))))))',
      10,
      2,
    ],
    ['a branch out of a block', '(func (block (br_if 0 (i32.const 1))))', 18, 0],
    [
      'a branch with a value',
      '(func (drop (block (result i32) (br_if 0 (i32.const 1) (i32.const 1)))))',
      20,
      1,
    ],
    [
      'a branch to a loop',
      '(func (i32.const 1) (loop (param i32) (result i32) (br_if 0 (i32.const 1))) drop)',
      21,
      2,
    ],
    ['code after a branch', '(func (block (br 0) (drop (i32.const 1))))', 18, 0],
    ['both branches of an if', '(func (if (i32.const 1) (then (nop)) (else (nop))))', 18, 0],
    ['a table of three branches', '(func (block (br_table 0 0 0 (i32.const 1))))', 36, 0],
    ['a call', '(func $f (param i32 i32) (result i32) (call $f (i32.const 1) (i32.const 2)))', 3, 0],
    ['a call that may throw', '(func $f (try (do (call $f)) (catch_all)))', 27, 0],
  ]) {
    test(`of ${what}`, () => assert.equal(memory(text, LOCALS), values * 128 + stack * 16));
  }

  test('of a function with every kind of instruction', () => {
    const text = `(memory 1) (table $t 1 funcref) (global $g (mut i64) (i64.const 1)) (tag $e (param i32 i64))
      (type $pair (func (param i32) (result i32 i64)))
      (data $d "x") (elem $s func $f)
      (func $f (param i32) (result i32 i64)
        (local v128 f32 f64)
        (local.set 1 (v128.load offset=300 (i32.const 5)))
        (v128.store (i32.const 3) (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 1) (v128.const i32x4 1 2 3 4)))
        (local.set 1 (v128.bitselect (i8x16.neg (local.get 1)) (f64x2.trunc (local.get 1)) (i16x8.q15mulr_sat_s (local.get 1) (local.get 1))))
        (local.set 1 (v128.load8_lane 3 (i32.const 2) (i32x4.replace_lane 1 (local.get 1) (i32x4.extract_lane 2 (local.get 1)))))
        (v128.store64_lane 1 (i32.const 2) (f32x4.convert_i32x4_u (i32x4.splat (i32.const 1))))
        (local.set 2 (f32.demote_f64 (f64.sqrt (f64.const 3.5))))
        (local.set 3 (f64.copysign (f64.const 2) (f64.promote_f32 (f32.const 1))))
        (global.set $g (i64.extend32_s (i64.trunc_sat_f64_s (local.get 3))))
        (memory.fill (i32.const 1) (i32.const 2) (i32.const 3)) (memory.copy (i32.const 1) (i32.const 2) (i32.const 3))
        (memory.init $d (i32.const 1) (i32.const 0) (i32.const 1)) (data.drop $d)
        (table.init $t $s (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $s)
        (table.set $t (i32.const 0) (ref.func $f)) (drop (ref.is_null (table.get $t (i32.const 0))))
        (drop (table.grow $t (ref.null func) (i32.const 200))) (drop (table.size $t)) (drop (memory.grow (memory.size)))
        (drop (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 1) (i32.const 2))) (atomic.fence)
        (drop (select (result f32) (local.get 2) (local.get 2) (i32.eqz (i32.const -1))))
        (if (i64.eqz (global.get $g)) (then (return_call_indirect $t (type $pair) (i32.const 1) (i32.const 0))))
        (try (do (throw $e (i32.const 1) (i64.const 2))) (catch $e (drop) (drop)) (catch_all (rethrow 0)))
        (try (do (drop) (drop) (call $f (i32.const 4))) (delegate 0))
        (loop $again (result i32 i64) (call_indirect $t (type $pair) (i32.const 1) (i32.const 0)) (drop) (br_if $again) (i32.const 1) (i64.const 2)))`.replace(
      '(drop) (drop) (call $f (i32.const 4))',
      '(call $f (i32.const 4)) (drop) (drop)',
    );
    assert.ok(memory(text, 4) > 0);
  });
});
