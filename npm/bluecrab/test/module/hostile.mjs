// A guest that runs any operations: each request body is a list of operations, and the bytes that they use.

import { declare, write } from '../guest.mjs';

/** The operations; a body has their indices in this list. Each has four operands. */
const OPERATIONS = {
  /** Returns a pointer to the response record. */
  answer: '(return (local.get $a))',
  store: '(i32.store (local.get $a) (local.get $b))',
  log: '(call $log (local.get $a) (local.get $b) (local.get $c))',
  write: '(drop (call $fd_write (local.get $a) (local.get $b) (local.get $c) (local.get $d)))',
  /** Sets what the next `bluecrab_alloc` returns. */
  lie: '(global.set $lie (local.get $a)) (global.set $lies (i32.const 1))',
  grow: '(drop (memory.grow (local.get $a)))',
  trap: 'unreachable',
  random: '(drop (call $random_get (local.get $a) (local.get $b)))',
  time: '(drop (call $clock_time_get (local.get $a) (i64.const 0) (local.get $b)))',
  sizes: '(drop (call $environ_sizes_get (local.get $a) (local.get $b)))',
  environ: '(drop (call $environ_get (local.get $a) (local.get $b)))',
  stat: '(drop (call $fd_fdstat_get (local.get $a) (local.get $b)))',
  read: '(drop (call $fd_read (local.get $a) (local.get $b) (local.get $c) (local.get $d)))',
  exit: '(call $proc_exit (local.get $a))',
  recurse: '(call $recurse)',
};
export const operations = Object.keys(OPERATIONS);

/** The address of a body if `bluecrab_alloc` does not lie. */
export const BODY_AT = 65536;
const OPERATION_BYTES = 20;

const wasi = (name, parameters, result = '(result i32)') =>
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${parameters}) ${result}))`;
const HEADER = `
  (import "bluecrab" "log" (func $log (param i32 i32 i32)))
  ${wasi('fd_write', 'i32 i32 i32 i32')} ${wasi('fd_read', 'i32 i32 i32 i32')}
  ${wasi('random_get', 'i32 i32')} ${wasi('clock_time_get', 'i32 i64 i32')}
  ${wasi('environ_sizes_get', 'i32 i32')} ${wasi('environ_get', 'i32 i32')}
  ${wasi('fd_fdstat_get', 'i32 i32')} ${wasi('proc_exit', 'i32', '')}
  (memory (export "memory") 3)
  (global $lie (mut i32) (i32.const 0))
  (global $lies (mut i32) (i32.const 0))
  (func $recurse (call $recurse))
  (func (export "bluecrab_alloc") (param $len i32) (result i32)
    (if (global.get $lies) (then (global.set $lies (i32.const 0)) (return (global.get $lie))))
    (i32.const ${BODY_AT}))`;

const operand = (index) => `(i32.load offset=${4 * index} (local.get $at))`;
const obey = operations.map(
  (name, index) => `(if (i32.eq (local.get $operation) (i32.const ${index})) (then ${OPERATIONS[name]}))`,
);
const RUN = `(func (export "run") (param $head i32) (param $head_len i32) (param $body i32) (param $body_len i32) (result i32)
  (local $at i32) (local $end i32) (local $operation i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32)
  (local.set $at (i32.add (local.get $body) (i32.const 4)))
  (local.set $end (i32.add (local.get $at) (i32.mul (i32.load (local.get $body)) (i32.const ${OPERATION_BYTES}))))
  (loop $next
    (if (i32.lt_u (local.get $at) (local.get $end)) (then
      (local.set $operation ${operand(0)})
      (local.set $a ${operand(1)}) (local.set $b ${operand(2)}) (local.set $c ${operand(3)}) (local.set $d ${operand(4)})
      ${obey.join('\n      ')}
      (local.set $at (i32.add (local.get $at) (i32.const ${OPERATION_BYTES})))
      (br $next))))
  (i32.const 0))`;

/** Writes the module: `here` runs on the event loop, `there` on a worker thread. */
export const writeGuest = () =>
  write(
    RUN,
    [declare('here', { export: 'run', run: 'auto' }), declare('there', { export: 'run', run: 'pool' })],
    { header: HEADER },
  );

/** Returns a body of operations `[name, ...operands]`, and the bytes after them. */
function obeyed(list, bytes = Buffer.of()) {
  const words = [list.length, ...list.flatMap(([name, ...operands]) => words4(name, operands))];
  const text = Buffer.alloc(4 * words.length);
  for (const [index, word] of words.entries()) text.writeUInt32LE(word >>> 0, 4 * index);
  return Buffer.concat([text, bytes]);
}

/** Returns the address of the bytes after this many operations. */
const bytesAt = (count) => BODY_AT + 4 + OPERATION_BYTES * count;

function words4(name, [a = 0, b = 0, c = 0, d = 0]) {
  return [operations.indexOf(name), a, b, c, d];
}

const RECORD_AT = 1024;

/** Returns a body whose operations return a record. Fields that are not given are correct. */
export function answering(before, { head, body, fields = {} }) {
  const bytes = Buffer.concat([head, body]);
  const count = before.length + 6;
  const record = [
    fields.status ?? 200,
    fields.head ?? bytesAt(count),
    fields.headLength ?? head.length,
    fields.body ?? bytesAt(count) + head.length,
    fields.bodyLength ?? body.length,
  ];
  const stores = record.map((word, index) => ['store', RECORD_AT + 4 * index, word]);
  return obeyed([...before, ...stores, ['answer', fields.record ?? RECORD_AT]], bytes);
}
