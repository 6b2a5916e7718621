// A module whose function returns its request's body. It stands for the app's modules in a rehearsal.

import { LEVELS } from '../log';
import type { InstanceTemplate } from '../module/call';
import type { ModuleRequest } from '../moduleRunner';
import type { Runner } from '../run';

/** The longest body. It fits into the 17 pages of the module's memory. */
export const ECHO_BYTES = 1 << 20;

/**
 * This text in the binary format, with the header field `content-type` in each response:
 *
 *     (memory (export "memory") 17)
 *     (global $end (mut i32) (i32.const 1024))
 *     (func (export "bluecrab_alloc") (param $length i32) (result i32)
 *       (global.get $end)
 *       (global.set $end (i32.add (global.get $end) (local.get $length))))
 *     (func (export "echo") (param $head i32) (param $length i32) (param $body i32) (param $bytes i32) (result i32)
 *       (i32.store offset=12 (i32.const 0) (local.get $body))
 *       (i32.store offset=16 (i32.const 0) (local.get $bytes))
 *       (i32.const 0))
 */
const BINARY =
  'AGFzbQEAAAABDgJgAX8Bf2AEf39/fwF/AwMCAAEFAwEAEQYHAX8BQYAICwciAwZtZW1vcnkCAA5ibHVlY3JhYl9hbGxvYwAABGVjaG8AAQogAgsAIwAj' +
  'ACAAaiQACxIAQQAgAjYCDEEAIAM2AhBBAAsLQgIAQQALDMgAAAAUAAAAKwAAAABBFAsreyJoZWFkZXJzIjpbWyJjb250ZW50LXR5cGUiLCJ0ZXh0L3Bs' +
  'YWluIl1dfQ==';

/** The task that runs the module on a thread. */
export const echoTask: Runner<ModuleRequest>['task'] = (request) => {
  const compiled = new WebAssembly.Module(Buffer.from(BINARY, 'base64'));
  // The thread does not keep the instance.
  const template: InstanceTemplate = {
    file: 'echo',
    compiled,
    env: [],
    recycleBytes: 2 * ECHO_BYTES,
    isFresh: true,
  };
  return (body) => ({ kind: 'module', template, export: 'echo', ...request, body, isTimed: false });
};

/** What the module receives in addition to the body: a head that it does not read, and no log. */
export const echoRequest: ModuleRequest = { head: '{}', logLevel: LEVELS.length };
