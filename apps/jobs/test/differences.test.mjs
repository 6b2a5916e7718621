// The inputs for which the crates and the packages answer differently, as README.md lists them. If a case becomes
// equal, remove it from both files.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { difference, isClose } from '../difference.mjs';
import { pixels } from '../generate.mjs';
import { encode } from '../pictures.mjs';
import { startJob } from './host.mjs';
import { chunk, png } from './png.mjs';

const held = new Set();

/** Asserts that both sides answer as README.md says. The name of the case is the same as in its row there. */
function assertDiffer(what, found, expected) {
  held.add(what);
  assert.deepEqual(found, expected, what);
}

async function bothSides(name, check) {
  const job = await startJob(name);
  try {
    await check(async (path, body) => {
      const sides = [job.javascript, job.rust].map((side) => side.post(path, body));
      return Promise.all(sides);
    });
  } finally {
    await job.stop();
  }
}

test('markdown', () =>
  bothSides('markdown', async (post) => {
    for (const [what, text, javascript, rust] of [
      ['an empty block quote', '>', '<blockquote></blockquote>\n', '<blockquote>\n</blockquote>\n'],
      ['tabs before a line break', 'foo\t\nbar', '<p>foo\t\nbar</p>\n', '<p>foo\nbar</p>\n'],
      [
        'a tab between `>` and HTML',
        '>\t<div>',
        '<blockquote>\n\t<div>\n</blockquote>\n',
        '<blockquote>\n  <div>\n</blockquote>\n',
      ],
      [
        'a link definition at the end of a list',
        '- a\n\n  [b]: /c',
        '<ul>\n<li>\n<p>a</p>\n</li>\n</ul>\n',
        '<ul>\n<li>a</li>\n</ul>\n',
      ],
      [
        'a host that is not ASCII in `<…>`',
        '<http://é.example>',
        '<p><a href="http://xn--9ca.example">http://é.example</a></p>\n',
        '<p><a href="http://%C3%A9.example">http://é.example</a></p>\n',
      ],
      [
        'a block after text in an item of a list',
        '- a\n  ```\n  b\n  ```\n  c',
        '<ul>\n<li>a<pre><code>b\n</code></pre>\nc</li>\n</ul>\n',
        '<ul>\n<li>a\n<pre><code>b\n</code></pre>\nc</li>\n</ul>\n',
      ],
      [
        '`> # a`, then `>` after four spaces',
        '> # a\n    > b',
        '<blockquote>\n<h1>a</h1>\n<p>b</p>\n</blockquote>\n',
        '<blockquote>\n<h1>a</h1>\n</blockquote>\n<pre><code>&gt; b\n</code></pre>\n',
      ],
      [
        'an item that begins with a line of spaces',
        '- \n      \n  a',
        '<ul>\n<li></li>\n</ul>\n<p>a</p>\n',
        '<ul>\n<li>a</li>\n</ul>\n',
      ],
    ]) {
      const answers = await post('markdown', text);
      const texts = answers.map((answer) => answer.text);
      assertDiffer(what, texts, [javascript, rust]);
    }
    const target = 'x'.repeat(1000);
    const answers = await post('markdown', `${'[a] '.repeat(150)}\n\n[a]: ${target}\n`);
    const links = answers.map(({ text }) => text.split(target).length - 1);
    assertDiffer('reference links of more than 100,000 bytes in all', links, [150, 100]);
  }));

test('csv', () =>
  bothSides('csv', async (post) => {
    for (const [what, rows, javascript, rust] of [
      ['letters after a closing quote', '"a"b,1\n', 400, 'ab'],
      ['quotes after a closing quote', '"a"x"b",1\n', 400, 'ax"b"'],
      ['spaces after a closing quote', '"a" ,1\n', 'a', 'a '],
      ['line breaks of two kinds in one file', 'a,1\r\nb,2\n', 400, 'a'],
    ]) {
      const answers = await post('csv', `region,amount\n${rows}`);
      const found = answers.map(({ status, text }) => (status === 200 ? JSON.parse(text)[0].region : status));
      assertDiffer(what, found, [javascript, rust]);
    }
  }));

test('JSON', () =>
  bothSides('schema', async (post) => {
    for (const [what, body] of [
      ['a number that is too large for a double, `1e400`', '[1e400]'],
      ['half of a surrogate pair, `"\\ud800"`', '["\\ud800"]'],
      ['a body that is not UTF-8', Buffer.from('["\xff"]', 'latin1')],
      ['lists or objects 128 deep', `${'['.repeat(128)}${']'.repeat(128)}`],
    ]) {
      const answers = await post('schema', body);
      const statuses = answers.map(({ status }) => status);
      assertDiffer(what, statuses, [200, 400]);
    }
  }));

test('thumbnail', () =>
  bothSides('thumbnail', async (post) => {
    const statuses = async (body) => (await post('thumbnail', body)).map(({ status }) => status);
    const plain = { width: 40, height: 30 };

    const gamma = Buffer.from(chunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f])));
    gamma[gamma.length - 1] ^= 1;
    const wrongSum = await statuses(png({ ...plain, before: [gamma] }));
    assertDiffer('a PNG with a wrong checksum in a chunk without pixels', wrongSum, [400, 200]);

    const jpeg = Buffer.from(await encode(pixels(320, 240), 'image/jpeg'));
    jpeg.set([0xff, 0xd9], jpeg.length / 2);
    const early = await statuses(jpeg);
    assertDiffer('a JPEG whose end marker comes before all its rows', early, [400, 200]);

    const black = chunk('tRNS', Buffer.from([0, 1]));
    const [one, two] = await post('thumbnail', png({ ...plain, type: 0, depth: 1, before: [black] }));
    const found = await difference(one.bytes, two.bytes);
    assertDiffer('a colour that `tRNS` makes transparent, enlarged', isClose(found), false);
  }));

test('README.md lists exactly these differences', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, section] = readme.split('## Where the answers differ');
  const rows = [...section.split('\n## ')[0].matchAll(/^\| .*?\| (.+?) \|/gm)].map(([, what]) => what);
  assert.deepEqual([...held].sort(), rows.filter((what) => what !== 'input').sort());
});
