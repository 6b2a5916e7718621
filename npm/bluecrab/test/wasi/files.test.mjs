// The functions of WASI preview 1 for files and folders: a guest reads a tree that was read from a folder.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { BUFFER, guest, pipes, RESULT, wasi } from './guest.mjs';

// Each run has the same cases.
fc.configureGlobal({ seed: 2019 });

const { EBADF, EEXIST, EILSEQ, EINVAL, EISDIR, EMFILE, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM, EROFS } = wasi;

const folder = mkdtempSync(join(tmpdir(), 'bluecrab-files-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'tree/sub/inner'), { recursive: true });
writeFileSync(join(folder, 'tree/a.txt'), '0123456789');
writeFileSync(join(folder, 'tree/sub/ä.txt'), 'umlaut');
writeFileSync(join(folder, 'tree/empty'), '');
writeFileSync(join(folder, 'outside'), 'secret');
utimesSync(join(folder, 'tree/a.txt'), 1, 1_700_000_000);
const tree = wasi.readFiles(join(folder, 'tree'));

/** The descriptor of the tree. */
const ROOT = 3;
const start = () => guest([...pipes().descriptors, new wasi.OpenFolder(wasi.treeOf(tree), '/')]);

test('the folder is open from the start, as /', () => {
  const calls = start();
  assert.equal(calls.fd_prestat_get(ROOT, RESULT), 0);
  assert.deepEqual([calls.bytes.readUInt32LE(RESULT), calls.bytes.readUInt32LE(RESULT + 4)], [0, 1]);
  assert.equal(calls.fd_prestat_dir_name(ROOT, BUFFER, 1), 0);
  assert.equal(calls.bytes.toString('utf8', BUFFER, BUFFER + 1), '/');
  assert.equal(calls.fd_prestat_dir_name(ROOT, BUFFER, 0), ENAMETOOLONG);
  assert.equal(calls.fd_prestat_get(ROOT + 1, RESULT), EBADF);
  assert.deepEqual(calls.open(ROOT, 'sub'), [0, 4]);
  assert.equal(calls.fd_prestat_get(4, RESULT), EBADF);
});

describe('a file', () => {
  const opened = () => {
    const calls = start();
    assert.deepEqual(calls.open(ROOT, 'a.txt'), [0, 4]);
    return calls;
  };

  test('is read from its position, which seek moves', () => {
    const { bytes, read, ...calls } = opened();
    const position = () => {
      assert.equal(calls.fd_tell(4, RESULT), 0);
      return bytes.readBigUInt64LE(RESULT);
    };
    const seek = (delta, whence) => [calls.fd_seek(4, delta, whence, RESULT), bytes.readBigUInt64LE(RESULT)];
    assert.deepEqual([read(4, 2, 3), position()], [[0, '01234'], 5n]);
    assert.deepEqual(
      [seek(-2n, 1), read(4, 9)],
      [
        [0, 3n],
        [0, '3456789'],
      ],
    );
    assert.deepEqual(
      [seek(-1n, 2), read(4, 9)],
      [
        [0, 9n],
        [0, '9'],
      ],
    );
    assert.deepEqual(
      [seek(100n, 0), read(4, 9)],
      [
        [0, 100n],
        [0, ''],
      ],
    );
    assert.deepEqual([seek(-1n, 0)[0], seek(0n, 3)[0], seek(2n ** 62n, 0)[0]], [EINVAL, EINVAL, EINVAL]);
    assert.equal(position(), 100n);
  });

  test('is read at an offset, without a change of its position', () => {
    const { bytes, vectors, fd_pread, read } = opened();
    assert.equal(fd_pread(4, ...vectors(1, 2), 4n, RESULT), 0);
    assert.equal(bytes.toString('latin1', BUFFER, BUFFER + bytes.readUInt32LE(RESULT)), '456');
    assert.deepEqual(read(4, 1), [0, '0']);
    assert.equal(fd_pread(4, ...vectors(1), -1n, RESULT), EINVAL);
  });

  test('has a type, a size and a time, by descriptor and by path', () => {
    const { bytes, path, ...calls } = opened();
    const byDescriptor = () => calls.fd_filestat_get(4, RESULT);
    const byPath = () => calls.path_filestat_get(ROOT, 0, ...path('a.txt'), RESULT);
    for (const stat of [byDescriptor, byPath]) {
      bytes.fill(0xff, RESULT, RESULT + 64);
      assert.equal(stat(), 0);
      assert.equal(bytes.readBigUInt64LE(RESULT + 16), BigInt(wasi.REGULAR_FILE));
      assert.equal(bytes.readBigUInt64LE(RESULT + 32), 10n);
      assert.equal(bytes.readBigUInt64LE(RESULT + 48), 1_700_000_000_000_000_000n);
    }
    assert.equal(calls.path_filestat_get(ROOT, 0, ...path('nothing'), RESULT), ENOENT);
  });

  test('cannot be changed', () => {
    const { path, vectors, ...calls } = opened();
    const RIGHT_FD_WRITE = 1n << 6n;
    const [CREATE, EXCLUSIVE, TRUNCATE] = [1, 4, 8];
    const { open } = calls;
    assert.equal(calls.fd_write(4, ...vectors(1), RESULT), EBADF);
    assert.equal(calls.fd_pwrite(4, ...vectors(1), 0n, RESULT), EBADF);
    assert.equal(calls.fd_filestat_set_size(4, 0n), EROFS);
    assert.equal(calls.fd_filestat_set_times(4, 0n, 0n, 2), EROFS);
    assert.equal(calls.fd_allocate(4, 0n, 1n), EROFS);
    assert.equal(open(ROOT, 'a.txt', 0, RIGHT_FD_WRITE)[0], EROFS);
    assert.equal(open(ROOT, 'a.txt', TRUNCATE)[0], EROFS);
    assert.equal(open(ROOT, 'a.txt', CREATE | EXCLUSIVE)[0], EEXIST);
    assert.equal(open(ROOT, 'a.txt', CREATE)[0], 0);
    assert.equal(open(ROOT, 'new', CREATE)[0], EROFS);
    assert.equal(calls.path_create_directory(ROOT, ...path('new')), EROFS);
    assert.equal(calls.path_create_directory(ROOT, ...path('sub')), EEXIST);
    assert.equal(calls.path_unlink_file(ROOT, ...path('a.txt')), EROFS);
    assert.equal(calls.path_unlink_file(ROOT, ...path('nothing')), ENOENT);
    assert.equal(calls.path_remove_directory(ROOT, ...path('sub')), EROFS);
    assert.equal(calls.path_rename(ROOT, ...path('a.txt'), ROOT, ...path('a.txt')), EROFS);
    assert.equal(calls.path_link(ROOT, 0, ...path('a.txt'), ROOT, ...path('a.txt')), EEXIST);
    assert.equal(calls.path_symlink(...path('new'), ROOT, ...path('new')), EROFS);
    assert.equal(calls.path_filestat_set_times(ROOT, 0, ...path('a.txt'), 0n, 0n, 2), EROFS);
    assert.equal(calls.path_readlink(ROOT, ...path('a.txt'), BUFFER, 9, RESULT), EINVAL);
  });

  test('takes a limited number of descriptors', () => {
    const { open, fd_close } = start();
    const errors = Array.from({ length: 1100 }, () => open(ROOT, 'a.txt')[0]);
    assert.deepEqual([errors.indexOf(EMFILE), errors.at(-1)], [1020, EMFILE]);
    assert.equal(fd_close(500), 0);
    assert.deepEqual(open(ROOT, 'a.txt'), [0, 500]);
  });
});

describe('a path', () => {
  for (const [path, expected] of [
    ['a.txt', '0123456789'],
    ['./sub/.././a.txt', '0123456789'],
    ['sub//ä.txt', 'umlaut'],
    ['sub/inner/../ä.txt', 'umlaut'],
    ['empty', ''],
    ['sub', EISDIR],
    ['sub/', EISDIR],
    ['.', EISDIR],
    ['a.txt/', ENOTDIR],
    ['a.txt/.', ENOTDIR],
    ['a.txt/..', ENOTDIR],
    ['a.txt/b', ENOTDIR],
    ['nothing/../a.txt', ENOENT],
    ['nothing/b', ENOENT],
    ['sub/nothing', ENOENT],
    ['', ENOENT],
    ['A.TXT', ENOENT],
    ['__proto__', ENOENT],
    ['..', EPERM],
    ['../outside', EPERM],
    ['sub/../../outside', EPERM],
    ['sub/../../tree/a.txt', EPERM],
    ['/a.txt', EPERM],
    ['a.txt\0', EINVAL],
    ['x/'.repeat(3000), ENAMETOOLONG],
  ]) {
    test(`such as ${JSON.stringify(path).slice(0, 40)}`, () => {
      const { open, read } = start();
      const [error, number] = open(ROOT, path);
      const found = error === 0 ? read(number, 100) : [error];
      const isText = typeof expected === 'string';
      assert.deepEqual(
        found[0] === 0 ? found[1] : found[0],
        isText ? Buffer.from(expected).toString('latin1') : expected,
      );
    });
  }

  test('starts at the folder that is open, and cannot leave it', () => {
    const { open, read } = start();
    const [, sub] = open(ROOT, 'sub');
    assert.deepEqual(read(open(sub, 'ä.txt')[1], 9), [0, 'umlaut']);
    assert.equal(open(sub, '../a.txt')[0], EPERM);
    assert.equal(open(open(ROOT, 'a.txt')[1], 'b')[0], ENOTDIR);
  });

  test('that is not UTF-8 is an error', () => {
    const { bytes, path_open } = start();
    bytes.writeUInt8(0xff, BUFFER);
    assert.equal(path_open(ROOT, 0, BUFFER, 1, 0, 0n, 0n, 0, RESULT), EILSEQ);
  });

  test('never reaches anything outside of the tree', () => {
    const part = fc.constantFrom('..', '.', '', 'sub', 'inner', 'a.txt', 'outside', 'tree', 'etc', 'ä.txt');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const { open, read } = start();
        const [error, number] = open(ROOT, parts.join('/'));
        if (error !== 0) return;
        const [code, text] = read(number, 100);
        assert.ok(code === EISDIR || ['0123456789', 'umlaut', ''].includes(text), parts.join('/'));
      }),
    );
  });
});

describe('a folder', () => {
  /** Lists a folder as a guest does, with a buffer of this length. */
  const list = ({ bytes, fd_readdir }, number, length) => {
    const found = [];
    for (let cookie = 0n; ; ) {
      assert.equal(fd_readdir(number, BUFFER, length, cookie, RESULT), 0);
      const used = bytes.readUInt32LE(RESULT);
      let at = 0;
      for (; at + 24 <= used; ) {
        const nameLength = bytes.readUInt32LE(BUFFER + at + 16);
        if (at + 24 + nameLength > used) break;
        const name = bytes.toString('utf8', BUFFER + at + 24, BUFFER + at + 24 + nameLength);
        found.push([name, bytes.readUInt8(BUFFER + at + 20)]);
        cookie = bytes.readBigUInt64LE(BUFFER + at);
        at += 24 + nameLength;
      }
      if (used < length) return found;
      assert.ok(at > 0, 'the buffer is too small for one entry');
    }
  };
  const { DIRECTORY, REGULAR_FILE } = wasi;

  test('lists its entries, with a buffer of any length', () => {
    for (const length of [4096, 31, 50, 100]) {
      assert.deepEqual(list(start(), ROOT, length), [
        ['.', DIRECTORY],
        ['..', DIRECTORY],
        ['a.txt', REGULAR_FILE],
        ['empty', REGULAR_FILE],
        ['sub', DIRECTORY],
      ]);
    }
  });

  test('has numbers that say which file is which', () => {
    const { bytes, path, path_filestat_get, fd_readdir } = start();
    const inode = (name) => {
      assert.equal(path_filestat_get(ROOT, 0, ...path(name), RESULT), 0);
      return bytes.readBigUInt64LE(RESULT + 8);
    };
    const inodes = ['.', 'a.txt', 'empty', 'sub', 'sub/inner', 'sub/ä.txt'].map(inode);
    assert.equal(new Set(inodes).size, inodes.length);
    assert.equal(fd_readdir(ROOT, BUFFER, 24, 2n, RESULT), 0);
    assert.equal(bytes.readBigUInt64LE(BUFFER + 8), inode('a.txt'));
  });

  test('is not a file', () => {
    const calls = start();
    assert.equal(calls.read(ROOT, 1)[0], EISDIR);
    assert.equal(calls.fd_seek(ROOT, 0n, 0, RESULT), EBADF);
    assert.equal(calls.fd_tell(ROOT, RESULT), EBADF);
    assert.equal(calls.fd_filestat_set_size(ROOT, 0n), EINVAL);
    assert.equal(calls.fd_filestat_set_times(ROOT, 0n, 0n, 0), EROFS);
    assert.equal(calls.fd_pread(ROOT, ...calls.vectors(1), 0n, RESULT), EBADF);
    assert.equal(calls.fd_filestat_get(ROOT, RESULT), 0);
    assert.equal(calls.bytes.readUInt8(RESULT + 16), DIRECTORY);
    assert.equal(calls.open(ROOT, 'a.txt', 2)[0], ENOTDIR);
    assert.equal(calls.open(ROOT, 'sub', 8)[0], EISDIR);
    assert.equal(calls.open(ROOT, 'sub', 2, wasi.RIGHT_FD_WRITE)[0], EISDIR);
  });

  test('can be opened again with the rights that it has', () => {
    const { bytes, open, fd_fdstat_get } = start();
    assert.equal(fd_fdstat_get(ROOT, RESULT), 0);
    assert.equal(bytes.readUInt8(RESULT), DIRECTORY);
    assert.deepEqual(open(ROOT, '.', 0, bytes.readBigUInt64LE(RESULT + 8)), [0, 4]);
  });
});

describe('a folder is not read', () => {
  test('if it has a symbolic link', () => {
    const links = join(folder, 'links');
    mkdirSync(links);
    symlinkSync('../outside', join(links, 'link'));
    assert.throws(() => wasi.readFiles(links), /links\/link is neither a file nor a folder/);
  });

  test('if it does not exist', () => {
    assert.throws(
      () => wasi.readFiles(join(folder, 'nothing')),
      /cannot read the files of .*nothing: ENOENT/,
    );
  });
});
