import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { write } from '../guest.mjs';
import { source } from '../source.mjs';

const { Instance } = await source('module/instance');

test('a request that the guest cannot allocate releases its buffer, like a request that is copied', () => {
  const text = `
    (global $room (mut i32) (i32.const 0))
    (func (export "bluecrab_alloc") (param i32) (result i32) (local.get 0) (global.get $room) (i32.mul))
    (func (export "run") (param i32 i32 i32 i32) (result i32) (i32.const 0))
    (data (i32.const 0) "\\c8")`;
  const compile = (room) => {
    const file = write(text.replace('(i32.const 0)', `(i32.const ${room})`), undefined, {
      header: '(memory (export "memory") 1)',
    });
    return new Instance(new WebAssembly.Module(readFileSync(file)), [], { minimum: 0 });
  };
  let releases = 0;
  const body = { length: 100, copyTo: () => undefined, release: () => releases++ };
  assert.equal(compile(1).call({ export: 'run', head: '', body }).status, 200);
  assert.equal(releases, 1);
  assert.throws(() => compile(0).call({ export: 'run', head: '', body }), /could not allocate 100 bytes/);
  assert.equal(releases, 2);
});
