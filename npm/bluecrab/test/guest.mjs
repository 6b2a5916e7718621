// Writes modules for tests as WebAssembly text, and calls their functions.

import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import workerThreads from 'node:worker_threads';
import functions from '@azure/functions';
import { handler } from 'bluecrab';
import createWabt from 'wabt';

const { HttpRequest, InvocationContext } = functions;
const wabt = await createWabt();
export const folder = mkdtempSync(join(tmpdir(), 'bluecrab-test-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** The kinds of the tasks that were sent to the threads, and how many of the tasks still run. */
export const tasks = { sent: [], running: 0 };
workerThreads.Worker = class extends workerThreads.Worker {
  #running = 0;

  constructor(...args) {
    super(...args);
    this.on('message', (message) => {
      if (message.outcome) this.#count(-1);
    });
    this.on('exit', () => this.#count(-this.#running));
  }

  postMessage(task, ...more) {
    tasks.sent.push(task.kind);
    this.#count(1);
    super.postMessage(task, ...more);
  }

  #count(change) {
    this.#running += change;
    tasks.running += change;
  }
};

/** The first rehearsal of a process starts earlier than this after its call. */
const FIRST_REHEARSAL_MS = 50;
let isFirst = true;

/** Waits until the rehearsal of a call has ended, if there is one. It starts in a later turn of the event loop. */
export async function rehearsed() {
  if (isFirst) await sleep(FIRST_REHEARSAL_MS);
  isFirst = false;
  for (let turn = 0; turn < 3 || tasks.running > 0; turn++) await nextTurn();
}

/** Returns a data segment with a string, as WebAssembly text. */
export const data = (offset, text) =>
  `(data (i32.const ${offset}) "${[...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}")`;

const PAGES = '(memory (export "memory") 64)';
const HEADER = `
  (import "bluecrab" "log" (func $log (param i32 i32 i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
  ${PAGES}
  (global $next (mut i32) (i32.const 65536))
  (func (export "bluecrab_alloc") (param $len i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $next))
    (global.set $next (i32.and (i32.add (i32.add (local.get $at) (local.get $len)) (i32.const 15)) (i32.const -16)))
    (local.get $at))
  (func $record (param $status i32) (param $head i32) (param $head_len i32) (param $body i32) (param $body_len i32) (result i32)
    (global.set $next (i32.const 65536))
    (i32.store (i32.const 0) (local.get $status))
    (i32.store (i32.const 4) (local.get $head))
    (i32.store (i32.const 8) (local.get $head_len))
    (i32.store (i32.const 12) (local.get $body))
    (i32.store (i32.const 16) (local.get $body_len))
    (i32.const 0))`;

/** Returns a function as WebAssembly text. Its parameters are $head, $head_len, $body, $body_len; it returns the record. */
export const func = (name, body) =>
  `(func (export "${name}") (param $head i32) (param $head_len i32) (param $body i32) (param $body_len i32) (result i32) ${body})`;

export const ECHO = func(
  'echo',
  '(call $record (i32.const 200) (i32.const 0) (i32.const 0) (local.get $body) (local.get $body_len))',
);

const FUEL = '(global $fuel (export "bluecrab_fuel") (mut i32) (i32.const 0))';
const BURN = `(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
  (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then unreachable))`;

/** Returns the text of the metered copy of a module. Only its loops are charged. */
const metered = (text) => text.replaceAll(/\(loop \$\w+/g, `$& ${BURN}`);

/**
 * Writes a module and its declarations. Returns the path of the file.
 *
 * With `names` the module has the names of its functions. If a declaration has `run: 'auto'`, a metered copy is written
 * too, so that short calls run on the event loop.
 */
export function write(
  text,
  declarations,
  { header = HEADER, pages = 64, features = {}, names = false } = {},
) {
  const file = join(folder, `guest${count++}.wasm`);
  const head = header.replace(PAGES, `(memory (export "memory") ${pages})`);
  const binary = (...parts) =>
    wabt.parseWat(file, `(module ${parts.join(' ')})`, features).toBinary({ write_debug_names: names })
      .buffer;
  const module = binary(head, text);
  writeFileSync(file, module);
  if (declarations?.some(({ run }) => run === 'auto')) {
    const copy = file.replace(/\.wasm$/, '.metered.wasm');
    writeFileSync(copy, binary(head, FUEL, metered(text)));
    addSection(copy, 'bluecrab.metered.v1', createHash('sha256').update(module).digest());
  }
  if (declarations) {
    const lines = declarations.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    writeFileSync(file.replace(/\.wasm$/, '.functions.json'), `${lines.join('\n')}\n`);
  }
  return file;
}

/** Appends a custom section to a module's file. */
export function addSection(file, name, content) {
  const named = Buffer.concat([leb(Buffer.byteLength(name)), Buffer.from(name), Buffer.from(content)]);
  appendFileSync(file, Buffer.concat([Buffer.of(0), leb(named.length), named]));
  return file;
}

function leb(value) {
  const bytes = [];
  for (let rest = value; ; ) {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
    if (rest === 0) return Buffer.from(bytes);
  }
}

export const declare = (name, more = {}) => ({
  name,
  export: name,
  trigger: { type: 'httpTrigger' },
  ...more,
});

/**
 * Calls a function. Returns the status, headers, body and log.
 *
 * If short calls of the module may run on the event loop, the call is made twice: the first goes to a thread and is
 * rehearsed, the second is tried on the event loop.
 */
export async function call(file, name, body, options) {
  const handle = handler(file, name);
  if (existsSync(file.replace(/\.wasm$/, '.metered.wasm'))) {
    await callHandler(handle, name, body, options);
    await rehearsed();
  }
  return callHandler(handle, name, body, options);
}

/** Calls the handler of a function, which learns from its calls. */
export async function callHandler(
  handle,
  name,
  body = '',
  { url = 'http://localhost/api/x', params = {}, headers = {}, functionName = name } = {},
) {
  const log = [];
  const context = new InvocationContext({
    functionName,
    logHandler: (level, text) => log.push([level, text]),
  });
  const fields = { 'content-length': String(Buffer.byteLength(body)), ...headers };
  const request = new HttpRequest({
    url,
    method: 'POST',
    params,
    headers: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    body: { bytes: Buffer.from(body) },
  });
  const response = await handle(request, context);
  const bytes = Buffer.from(response.body ?? '');
  return { ...response, bytes, body: bytes.toString(), log };
}
