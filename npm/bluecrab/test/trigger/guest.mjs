// A module whose functions are told by the message what to answer, and what calls them as `@azure/functions` does.

import functions from '@azure/functions';
import { handler } from 'bluecrab';
import { declare, func, write } from '../guest.mjs';

const { InvocationContext } = functions;

/**
 * `reply` logs the request head. The line before the first line break of the body becomes the response head, the rest
 * becomes the response body. `fail` (422), `empty` (204), `redirect` (302) and `echo` answer with the whole body;
 * `trap` traps, and `loop` and `hang` never end.
 */
const TEXT = `
  ${func(
    'reply',
    `(local $at i32)
    (call $log (i32.const 2) (local.get $head) (local.get $head_len))
    (local.set $at (local.get $body))
    (block $end (loop $scan
      (br_if $end (i32.eq (i32.load8_u (local.get $at)) (i32.const 10)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $scan)))
    (call $record (i32.const 200)
      (local.get $body) (i32.sub (local.get $at) (local.get $body))
      (i32.add (local.get $at) (i32.const 1))
      (i32.sub (i32.add (local.get $body) (local.get $body_len)) (i32.add (local.get $at) (i32.const 1))))`,
  )}
  ${func('fail', '(call $record (i32.const 422) (i32.const 0) (i32.const 0) (local.get $body) (local.get $body_len))')}
  ${func('empty', '(call $record (i32.const 204) (i32.const 0) (i32.const 0) (local.get $body) (local.get $body_len))')}
  ${func('redirect', '(call $record (i32.const 302) (i32.const 0) (i32.const 0) (local.get $body) (local.get $body_len))')}
  ${func(
    'echo',
    `(call $log (i32.const 2) (local.get $head) (local.get $head_len))
    (call $record (i32.const 200) (i32.const 0) (i32.const 0) (local.get $body) (local.get $body_len))`,
  )}
  ${func(
    'hang',
    `(call $log (i32.const 2) (local.get $head) (local.get $head_len))
    (loop $forever (br $forever)) unreachable`,
  )}
  ${func('trap', 'unreachable')}
  ${func('loop', '(loop $forever (br $forever)) unreachable')}`;

/** Writes the module with declarations such as `['reply', { trigger, outputs }]`. Returns the path of the file. */
export function writeGuest(...declarations) {
  return write(
    TEXT,
    declarations.map(([name, more]) => declare(name, more)),
  );
}

/** Calls a function. Returns what it returned, its outputs, its request head and its log. */
export function fire(file, name, value, init) {
  return fireWith(handler(file, name), name, value, init);
}

/** Calls the handler of a function, which learns from its calls. */
export async function fireWith(handle, name, value, { inputs = {}, ...init } = {}) {
  const log = [];
  const context = new InvocationContext({
    functionName: name,
    logHandler: (level, text) => log.push([level, text]),
    ...init,
  });
  for (const [input, bytes] of Object.entries(inputs)) context.extraInputs.set(input, bytes);
  const returned = await handle(value, context);
  const head = log[0]?.[1] && JSON.parse(log[0][1]);
  return { returned, head, log, output: (name) => context.extraOutputs.get(name) };
}

/** Returns a message for `reply`, which answers with these outputs and this text before them. */
export function answering(outputs, text = '') {
  const parts = outputs.map(([, bytes]) => Buffer.from(bytes));
  let offset = Buffer.byteLength(text);
  const list = outputs.map(([name, , kind = 'bytes'], index) => {
    const { length } = parts[index];
    offset += length;
    return { name, offset: offset - length, length, kind };
  });
  return Buffer.concat([Buffer.from(`${JSON.stringify({ outputs: list })}\n${text}`), ...parts]);
}
