// The functions of WASI preview 1 that need no files.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BUFFER, END, guest, pipes, RESULT, VECTORS, wasi } from './guest.mjs';

// Each run has the same cases.
fc.configureGlobal({ seed: 2019 });

const { EBADF, EFAULT, EINVAL, ENOSYS, ENOTDIR, ENOTSOCK, ENOTSUP, ESPIPE } = wasi;

describe('arguments and environment variables', () => {
  for (const [kind, option] of [
    ['args', 'args'],
    ['environ', 'environ'],
  ]) {
    test(`${option} arrive as strings that end with a NUL, with a pointer to each`, () => {
      const strings = ['program.wasm', '', 'ä=1', 'x y'];
      const { bytes, ...calls } = guest([], { [option]: strings });
      assert.equal(calls[`${kind}_sizes_get`](RESULT, RESULT + 4), 0);
      const [count, length] = [bytes.readUInt32LE(RESULT), bytes.readUInt32LE(RESULT + 4)];
      assert.deepEqual([count, length], [4, Buffer.byteLength(strings.join('\0')) + 1]);
      assert.equal(calls[`${kind}_get`](VECTORS, BUFFER), 0);
      const found = strings.map((_, index) => {
        const at = bytes.readUInt32LE(VECTORS + index * 4);
        return bytes.toString('utf8', at, bytes.indexOf(0, at));
      });
      assert.deepEqual(found, strings);
      assert.equal(calls[`${kind}_get`](VECTORS, END - 4), EFAULT);
    });
  }
});

describe('the input', () => {
  test('is read in order, in the buffers that the guest gives, and ends', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary-ascii', maxLength: 300 }),
        fc.array(fc.array(fc.nat(60), { maxLength: 4 }), { maxLength: 20 }),
        (text, reads) => {
          const { read } = guest(pipes(text).descriptors);
          let found = '';
          for (const lengths of reads) {
            const total = lengths.reduce((sum, length) => sum + length, 0);
            assert.deepEqual(read(0, ...lengths), [0, text.slice(found.length, found.length + total)]);
            found = text.slice(0, found.length + total);
          }
        },
      ),
    );
  });

  test('at its end is empty, and not an error', () => {
    const { read } = guest(pipes('ab').descriptors);
    assert.deepEqual(read(0, 9), [0, 'ab']);
    assert.deepEqual(read(0, 9), [0, '']);
    assert.deepEqual(read(0), [0, '']);
  });
});

describe('the output', () => {
  test('is written in pieces, and the guest learns how many bytes that was', () => {
    const { descriptors, written } = pipes();
    const { bytes, vectors, fd_write } = guest(descriptors);
    bytes.write('onetwo', BUFFER);
    assert.equal(fd_write(1, ...vectors(3, 0, 3), RESULT), 0);
    assert.equal(fd_write(2, ...vectors(1), RESULT + 4), 0);
    assert.deepEqual([bytes.readUInt32LE(RESULT), bytes.readUInt32LE(RESULT + 4)], [6, 1]);
    assert.deepEqual(written, { 1: ['one', '', 'two'], 2: ['o'] });
  });

  test('cannot be read, and the input cannot be written', () => {
    const { read, vectors, fd_write } = guest(pipes().descriptors);
    assert.equal(read(1, 1)[0], EBADF);
    assert.equal(fd_write(0, ...vectors(1), RESULT), EBADF);
  });
});

describe('a stream', () => {
  test('is a pipe for a program, with the rights to read or to write', () => {
    const { bytes, fd_fdstat_get } = guest(pipes().descriptors);
    for (const [number, right] of [
      [0, wasi.RIGHT_FD_READ],
      [1, wasi.RIGHT_FD_WRITE],
      [2, wasi.RIGHT_FD_WRITE],
    ]) {
      bytes.fill(0xff, RESULT, RESULT + 24);
      assert.equal(fd_fdstat_get(number, RESULT), 0);
      assert.deepEqual([bytes.readUInt8(RESULT), bytes.readUInt16LE(RESULT + 2)], [0, 0]);
      const rights = bytes.readBigUInt64LE(RESULT + 8);
      assert.equal(rights & (wasi.RIGHT_FD_READ | wasi.RIGHT_FD_WRITE | wasi.RIGHT_FD_SEEK), right);
    }
  });

  test('keeps the flags that are set', () => {
    const { bytes, fd_fdstat_get, fd_fdstat_set_flags } = guest(pipes().descriptors);
    assert.equal(fd_fdstat_set_flags(0, 0b101), 0);
    assert.equal(fd_fdstat_get(0, RESULT), 0);
    assert.equal(bytes.readUInt16LE(RESULT + 2), 0b101);
    assert.equal(fd_fdstat_set_flags(0, 1 << 5), EINVAL);
  });

  test('has no position and no socket', () => {
    const calls = guest(pipes('abc').descriptors);
    for (const number of [0, 1, 2]) {
      assert.equal(calls.fd_seek(number, 0n, 0, RESULT), ESPIPE);
      assert.equal(calls.fd_tell(number, RESULT), ESPIPE);
      assert.equal(calls.fd_pread(number, ...calls.vectors(1), 0n, RESULT), ESPIPE);
      assert.equal(calls.fd_pwrite(number, ...calls.vectors(1), 0n, RESULT), ESPIPE);
      assert.equal(calls.fd_advise(number, 0n, 0n, 0), ESPIPE);
      assert.equal(calls.fd_allocate(number, 0n, 1n), ESPIPE);
      assert.equal(calls.fd_filestat_set_size(number, 0n), EINVAL);
      assert.equal(calls.fd_fdstat_set_rights(number, 0n, 0n), ENOTSUP);
      assert.equal(calls.fd_readdir(number, BUFFER, 10, 0n, RESULT), ENOTDIR);
      assert.equal(calls.fd_prestat_get(number, RESULT), EBADF);
      assert.equal(calls.fd_prestat_dir_name(number, BUFFER, 10), EBADF);
      assert.equal(calls.path_open(number, 0, ...calls.path('a'), 0, 0n, 0n, 0, RESULT), ENOTDIR);
      assert.equal(calls.sock_shutdown(number, 0), ENOTSOCK);
      assert.equal(calls.sock_accept(number, 0, RESULT), ENOTSOCK);
      assert.equal(calls.sock_send(number, ...calls.vectors(1), 0, RESULT), ENOTSOCK);
      assert.equal(calls.sock_recv(number, ...calls.vectors(1), 0, RESULT, RESULT + 4), ENOTSOCK);
      assert.deepEqual([calls.fd_sync(number), calls.fd_datasync(number)], [0, 0]);
    }
  });

  test('has attributes without a size', () => {
    const { bytes, fd_filestat_get } = guest(pipes('abc').descriptors);
    bytes.fill(0xff, RESULT, RESULT + 64);
    assert.equal(fd_filestat_get(0, RESULT), 0);
    assert.equal(bytes.toString('hex', RESULT, RESULT + 64), `${'00'.repeat(24)}01${'00'.repeat(39)}`);
  });

  test('can be closed, and can get another number', () => {
    const calls = guest(pipes('abc').descriptors);
    assert.equal(calls.fd_renumber(0, 2), 0);
    assert.deepEqual([calls.read(2, 2), calls.read(0, 1)[0]], [[0, 'ab'], EBADF]);
    assert.deepEqual([calls.fd_renumber(0, 1), calls.fd_renumber(1, 7)], [EBADF, EBADF]);
    assert.deepEqual([calls.fd_close(2), calls.fd_close(2)], [0, EBADF]);
  });
});

test('a number that is not open is not valid for any function', () => {
  const calls = guest(pipes().descriptors);
  const descriptorFirst = Object.keys(calls).filter((name) => /^(fd|sock|path)_/.test(name));
  assert.equal(descriptorFirst.length, 35);
  for (const name of descriptorFirst) {
    const numbers = { fd_renumber: [3, 0], path_symlink: [0, 0, 3, 0, 0] };
    for (const number of [3, -1]) {
      const parameters = (numbers[name] ?? [3]).map((parameter) => (parameter === 3 ? number : parameter));
      assert.equal(calls[name](...parameters, ...Array(8).fill(0)), EBADF, name);
    }
  }
});

test('a pointer out of bounds is an error, and nothing is written', () => {
  const { descriptors, written } = pipes('abc');
  const { bytes, vectors, ...calls } = guest(descriptors);
  for (const pointer of [END, END - 1, -1, -8]) {
    assert.equal(calls.args_sizes_get(RESULT, pointer), EFAULT);
    assert.equal(calls.clock_time_get(0, 0n, pointer), EFAULT);
    assert.equal(calls.clock_res_get(0, pointer), EFAULT);
    assert.equal(calls.random_get(pointer, 9), EFAULT);
    assert.equal(calls.fd_fdstat_get(0, pointer), EFAULT);
    assert.equal(calls.fd_filestat_get(0, pointer), EFAULT);
    assert.equal(calls.fd_read(0, pointer, 1, RESULT), EFAULT);
    assert.equal(calls.fd_read(0, ...vectors(1), pointer), EFAULT);
    assert.equal(calls.fd_write(1, ...vectors(1), pointer), EFAULT);
    assert.equal(calls.poll_oneoff(pointer, BUFFER, 1, RESULT), EFAULT);
    assert.equal(calls.poll_oneoff(BUFFER, pointer, 1, RESULT), EFAULT);
    assert.equal(calls.poll_oneoff(BUFFER, BUFFER, 1, pointer), EFAULT);
  }
  assert.equal(calls.fd_write(1, VECTORS, -1, RESULT), EFAULT);
  bytes.writeUInt32LE(END - 2, VECTORS);
  bytes.writeUInt32LE(3, VECTORS + 4);
  assert.equal(calls.fd_write(1, VECTORS, 1, RESULT), EFAULT);
  assert.equal(calls.fd_read(0, VECTORS, 1, RESULT), EFAULT);
  assert.deepEqual([calls.random_get(0, -1), calls.random_get(END, 0)], [EFAULT, 0]);
  assert.deepEqual(written, { 1: [], 2: [] });
});

test('clocks, random numbers and the rest', () => {
  const { bytes, ...calls } = guest(pipes().descriptors);
  assert.equal(calls.clock_time_get(0, 0n, RESULT), 0);
  const seconds = Number(bytes.readBigUInt64LE(RESULT) / 1_000_000_000n);
  assert.ok(Math.abs(seconds - Date.now() / 1000) < 60);
  assert.equal(calls.clock_time_get(1, 0n, RESULT), 0);
  assert.equal(calls.clock_time_get(1, 0n, RESULT + 8), 0);
  assert.ok(bytes.readBigUInt64LE(RESULT + 8) >= bytes.readBigUInt64LE(RESULT));
  assert.deepEqual([calls.clock_time_get(2, 0n, RESULT), calls.clock_res_get(9, RESULT)], [EINVAL, EINVAL]);
  assert.equal(calls.random_get(BUFFER, 32), 0);
  assert.notEqual(bytes.toString('hex', BUFFER, BUFFER + 32), '00'.repeat(32));
  assert.equal(bytes.readUInt8(BUFFER + 32), 0);
  assert.deepEqual([calls.sched_yield(), calls.proc_raise(6)], [0, ENOSYS]);
  assert.throws(() => calls.proc_exit(-1), /exit 4294967295/);
});

describe('poll_oneoff', () => {
  const [CLOCK, READ, WRITE] = [0, 1, 2];
  const SUBSCRIPTIONS = 8192;
  /** Polls for subscriptions such as `[CLOCK, 1, 5000000n]`. Returns the error code and the events. */
  const poll = ({ bytes, poll_oneoff }, ...subscriptions) => {
    for (const [index, [type, subject, timeout = 0n, flags = 0]] of subscriptions.entries()) {
      const at = SUBSCRIPTIONS + index * 48;
      bytes.fill(0, at, at + 48);
      bytes.writeBigUInt64LE(BigInt(100 + index), at);
      bytes.writeUInt8(type, at + 8);
      bytes.writeUInt32LE(subject, at + 16);
      bytes.writeBigUInt64LE(timeout, at + 24);
      bytes.writeUInt16LE(flags, at + 40);
    }
    const error = poll_oneoff(SUBSCRIPTIONS, BUFFER, subscriptions.length, RESULT);
    const events = Array.from({ length: error === 0 ? bytes.readUInt32LE(RESULT) : 0 }, (_, index) => {
      const at = BUFFER + index * 32;
      return {
        index: Number(bytes.readBigUInt64LE(at)) - 100,
        error: bytes.readUInt16LE(at + 8),
        type: bytes.readUInt8(at + 10),
        bytes: Number(bytes.readBigUInt64LE(at + 16)),
        flags: bytes.readUInt16LE(at + 24),
      };
    });
    return [error, events];
  };
  const event = (index, type, more) => ({ index, error: 0, type, bytes: 0, flags: 0, ...more });
  const MS = 1_000_000n;

  test('sleeps until the first clock is due', () => {
    const begin = performance.now();
    const result = poll(guest([]), [CLOCK, 1, 3_600_000n * MS], [CLOCK, 1, 20n * MS], [CLOCK, 0, 20n * MS]);
    assert.deepEqual(result, [0, [event(1, CLOCK), event(2, CLOCK)]]);
    assert.ok(performance.now() - begin >= 19);
  });

  test('sleeps until a time, and not at all if that has passed', () => {
    const now = process.hrtime.bigint();
    const begin = performance.now();
    assert.deepEqual(poll(guest([]), [CLOCK, 1, now + 20n * MS, 1]), [0, [event(0, CLOCK)]]);
    assert.ok(performance.now() - begin >= 15);
    assert.deepEqual(poll(guest([]), [CLOCK, 1, 1n, 1]), [0, [event(0, CLOCK)]]);
  });

  test('is ready at once for streams, and says how many bytes there are', () => {
    const calls = guest(pipes('abc').descriptors);
    const all = [
      [READ, 0],
      [WRITE, 1],
      [WRITE, 2],
      [CLOCK, 1, 3_600_000n * MS],
    ];
    const writable = { bytes: 65_536 };
    assert.deepEqual(poll(calls, ...all), [
      0,
      [event(0, READ, { bytes: 3 }), event(1, WRITE, writable), event(2, WRITE, writable)],
    ]);
    calls.read(0, 9);
    assert.deepEqual(poll(calls, [READ, 0]), [0, [event(0, READ, { flags: 1 })]]);
  });

  test('reports what cannot be waited for', () => {
    const bad = { error: EBADF };
    assert.deepEqual(poll(guest(pipes().descriptors), [READ, 7], [READ, 1], [WRITE, 0], [CLOCK, 9], [3, 0]), [
      0,
      [
        event(0, READ, bad),
        event(1, READ, bad),
        event(2, WRITE, bad),
        event(3, CLOCK, { error: EINVAL }),
        event(4, 3, { error: EINVAL }),
      ],
    ]);
    assert.deepEqual(poll(guest([])), [EINVAL, []]);
  });
});
