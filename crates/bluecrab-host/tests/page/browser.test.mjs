// Uses the page by keyboard alone, and looks for barriers in it with an accessibility checker, in Chromium. `PAGE` is
// its address.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Chromium, findChromium } from './chromium.mjs';

const program = findChromium();
const skip = program ? false : 'no Chromium is installed';

/** Presses Tab until the element in focus has this text or label. */
async function tabTo(chromium, name) {
  const focused =
    '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText ?? "")';
  for (let count = 0; count < 100; count++) {
    await chromium.press('Tab');
    if ((await chromium.value(focused)).includes(name)) return;
  }
  throw new Error(`no Tab reaches ${name}`);
}

/** The roles of elements that a person can use. */
const USED = ['button', 'link', 'textbox', 'combobox', 'DisclosureTriangle', 'region', 'form'];

test('the page is used by keyboard alone', { skip }, async () => {
  const chromium = await Chromium.start(program);
  try {
    await chromium.send('Page.navigate', { url: process.env.PAGE });
    await chromium.until('document.querySelector("#functions summary")');
    await tabTo(chromium, 'echo');
    await chromium.press('Enter', '\r');
    await chromium.until('document.querySelector("#functions textarea")');
    // The method and the path, and then the header and the body.
    for (let count = 0; count < 4; count++) await chromium.press('Tab');
    await chromium.send('Input.insertText', { text: '<b id="injected">bold</b>' });
    await tabTo(chromium, 'Call');
    await chromium.press('Enter', '\r');
    await chromium.until('document.querySelector("#functions pre")?.textContent.includes("bold")');
    assert.match(await chromium.value('document.querySelector("#said").textContent'), /^echo: 200/);
    await chromium.until('document.querySelector("#calls-list .succeeded")');
    await tabTo(chromium, '/api/echo');
    await chromium.press('Enter', '\r');
    await chromium.until('document.querySelector("#calls-list [aria-label=Received]")');
    // The log comes over another connection than the response.
    for (const part of ['Time by stage', 'Returned', '[information] logged', 'As a Rust test']) {
      await chromium.until(
        `document.querySelector("#calls-list").innerText.includes(${JSON.stringify(part)})`,
      );
    }
    assert.equal(await chromium.value('document.querySelector("#injected")'), null, 'data is text, not HTML');
    // A timer that is due in years: its run is by hand.
    await chromium.until('document.querySelector("#timers time")');
    await chromium.value('document.querySelector("#timers button").focus()');
    await chromium.press('Enter', '\r');
    await chromium.until('document.querySelector("#said").textContent === "yearly has run"');
    const { nodes } = await chromium.send('Accessibility.getFullAXTree');
    const used = nodes.filter(({ ignored, role }) => !ignored && USED.includes(role.value));
    const nameless = used.filter(({ name }) => !name?.value);
    assert.ok(used.length > 10, `${used.length} elements`);
    assert.deepEqual(nameless, [], 'every element has a name for screen readers');
    assert.deepEqual(chromium.problems, [], 'no error and no violation of the content security policy');
  } finally {
    await chromium.stop();
  }
});

test('the list has the newest invocations, and those that are open', { skip }, async () => {
  const chromium = await Chromium.start(program);
  const echo = (from, to) =>
    chromium.value(`(async () => {
    for (let i = ${from}; i < ${to}; i++) await fetch('/api/echo?' + i, { method: 'POST', body: 'x' });
  })()`);
  try {
    await chromium.send('Page.navigate', { url: process.env.PAGE });
    await chromium.until('document.querySelector("#timers time")');
    const rows = 'Array.from(document.querySelectorAll("#calls-list .cause"), (row) => row.textContent)';
    await echo(0, 1);
    await chromium.until(`${rows}[0]?.endsWith('?0')`);
    await chromium.value('document.querySelector("#calls-list summary").click()');
    await echo(1, 150);
    await chromium.until(`${rows}[0].endsWith('?149')`);
    const shown = Array.from({ length: 100 }, (_, index) => `POST /api/echo?${149 - index}`);
    assert.deepEqual(await chromium.value(rows), [...shown, 'POST /api/echo?0']);
    assert.equal(await chromium.value('document.querySelectorAll("#calls-list > .succeeded").length'), 101);
    assert.equal(
      await chromium.value('document.querySelector("#calls-list > :last-child > details").open'),
      true,
    );
  } finally {
    await chromium.stop();
  }
});

const message = { id: '1', inserted: '2026-11-26T10:00:00Z', text: 'pictures/a.png' };
const SOURCES = {
  timers: [{ function: 'yearly', schedule: '0 0 0 1 1 *', next: ['2027-01-01T00:00:00Z'], error: null }],
  queues: [
    {
      function: 'again',
      name: 'orders',
      length: 1,
      poison: { name: 'orders-poison', length: 1, hasMore: false, messages: [message] },
    },
    {
      function: 'resize',
      name: 'pictures/{name}',
      length: null,
      poison: { name: 'webjobs-blobtrigger-poison', length: 2, hasMore: true, messages: [message, message] },
    },
    { function: 'broken', error: 'the storage does not answer yet' },
  ],
};

/** Widths in CSS pixels: a desktop, a desktop at 200 %, and the narrowest one that has to work (WCAG 2.2, 1.4.10). */
const WIDTHS = [1280, 640, 320];

/** Returns the rules that the page breaks, with the elements, and the rules that it keeps. */
const CHECK = `axe.run().then(({ violations, passes }) => ({
  broken: violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => html + failureSummary)]),
  kept: passes.map(({ id }) => id),
}))`;

test('an accessibility checker finds no barrier, in light and in dark, wide and narrow', {
  skip,
}, async () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const chromium = await Chromium.start(program);
  try {
    // The page's own policy would not let the checker in.
    await chromium.send('Page.setBypassCSP', { enabled: true });
    await chromium.send('Page.navigate', { url: process.env.PAGE });
    await chromium.until('document.querySelector("#timers time")');
    await chromium.value('document.querySelector("#functions summary").click()');
    const call = `fetch('/api/echo?${'x'.repeat(300)}', { method: 'POST', body: 'x' }).then((answer) => answer.text())`;
    await chromium.value(`Promise.all([${call}, ${call}])`);
    const opened = 'document.querySelectorAll("#calls-list > .succeeded > details > summary")';
    await chromium.until(`${opened}.length >= 2`);
    await chromium.value(`Array.from(${opened}).slice(0, 2).forEach((row) => row.click())`);
    await chromium.until('document.querySelectorAll("#calls-list [aria-label=Received]").length === 2');
    const show = (sources) =>
      chromium.value(
        `import('/admin/page/sources.mjs').then((page) => page.showSources(${JSON.stringify(sources)}))`,
      );
    await show(SOURCES);
    const queues = await chromium.value('document.querySelector("#queues").innerText');
    for (const part of [
      'orders: 1 message\n',
      'pictures/{name}\n',
      'webjobs-blobtrigger-poison: at least 2 messages',
      'Send all again',
    ]) {
      assert.ok(queues.includes(part), `${part}: ${queues}`);
    }
    await chromium.value(`${axe}; 0`);
    for (const width of WIDTHS) {
      const screen = { width, height: 800, deviceScaleFactor: 1, mobile: false };
      await chromium.send('Emulation.setDeviceMetricsOverride', screen);
      const tooWide = 'document.documentElement.scrollWidth > innerWidth';
      assert.equal(await chromium.value(tooWide), false, `the page scrolls sideways at ${width} px`);
      for (const value of ['light', 'dark']) {
        await chromium.send('Emulation.setEmulatedMedia', {
          features: [{ name: 'prefers-color-scheme', value }],
        });
        const { broken, kept } = await chromium.value(CHECK);
        assert.deepEqual(broken, [], `${value}, ${width} px`);
        for (const rule of ['color-contrast', 'button-name', 'label', 'region']) {
          assert.ok(kept.includes(rule), `${rule}: ${kept}`);
        }
      }
    }
    // The message whose button has the focus is sent again. Then its queue changes, and has no button any more.
    await chromium.value('document.querySelector("#queues [aria-label=\'Send again: message 1\']").focus()');
    const [orders, ...others] = SOURCES.queues;
    const poison = { ...orders.poison, length: 0, messages: [] };
    await show({ ...SOURCES, queues: [{ ...orders, poison }, ...others] });
    assert.equal(await chromium.value('document.activeElement.textContent'), 'again');
    assert.deepEqual(chromium.problems, []);
  } finally {
    await chromium.stop();
  }
});
