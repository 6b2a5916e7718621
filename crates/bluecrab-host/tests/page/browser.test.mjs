// Uses the page by keyboard alone, in Chromium. `PAGE` is its address.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chromium, findChromium } from './chromium.mjs';

const program = findChromium();

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

test('the page is used by keyboard alone', {
  skip: program ? false : 'no Chromium is installed',
}, async () => {
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
    const text = await chromium.value('document.querySelector("#calls-list").innerText');
    for (const part of ['Time by stage', 'Returned', '[information] logged', 'As a Rust test']) {
      assert.ok(text.includes(part), `${part}: ${text}`);
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
